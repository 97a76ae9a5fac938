extension RecordLayout {
    /// One table for every protocol; the default.
    package static let rawEvents = RecordLayout(
        name: "raw_events",
        [
            ("event_time", .timestamp, .eventTime, "time at the source, else of receipt"),
            ("ingest_time", .timestamp, .ingestTime, "time of receipt by the connector"),
            ("source_name", .string, .sourceName, "configured name of the source"),
            ("endpoint", .string, .endpoint, "configured endpoint, without credentials"),
            ("protocol_type", .string, .protocolType, "opcua, mqtt, modbus, rest or sql"),
            ("topic_or_path", .string, .address, "address of the tag in its protocol"),
            ("value", .string, .valueText, "text form; absent when there is no value"),
            ("value_type", .string, .valueType, "type of the value at the source"),
            ("value_num", .double, .valueNumber, "numbers, and booleans as 1 or 0"),
            ("metadata", .map, .metadata, "unit, node_id, record_id and the like"),
            ("status_code", .int, .statusCode, "status of the protocol; 0 is good"),
            ("status", .string, .statusName, "the status in words"),
        ])

    /// One table of named tags, for those who care more for the plant than for its protocols.
    package static let normalizedTags = RecordLayout(
        name: "normalized_tags",
        [
            ("tag_id", .string, .tagID, "stable identity of the tag"),
            ("tag_path", .string, .tagPath, "path of the tag in the plant"),
            ("value", .string, .valueText, "text form; absent when there is no value"),
            ("value_num", .double, .valueNumber, "numbers, and booleans as 1 or 0"),
            ("quality", .string, .quality, "good, uncertain or bad"),
            ("timestamp", .timestamp, .eventTime, "time at the source, else of receipt"),
            ("data_type", .string, .dataType, "float, int, bool, string, timestamp or json"),
            ("engineering_units", .string, .unit, "unit of the value"),
            ("source_protocol", .string, .protocolType, "opcua, mqtt, modbus, rest or sql"),
            ("source_identifier", .string, .sourceName, "configured name of the source"),
            ("source_address", .string, .address, "address of the tag in its protocol"),
            ("site", .string, .property("site"), "place of the tag"),
            ("area", .string, .property("area"), "place of the tag"),
            ("line", .string, .property("line"), "place of the tag"),
            ("equipment", .string, .property("equipment"), "place of the tag"),
            ("signal_type", .string, .property("signal_type"), "temperature, pressure and the like"),
            ("metadata", .map, .metadata, "node_id, record_id and the like"),
        ])

    /// What an OPC UA server said.
    package static let opcuaBronze = RecordLayout(
        name: "opcua_bronze",
        [
            ("event_time", .bigint, .eventTime, "time at the source, else of receipt; microseconds"),
            ("ingest_time", .bigint, .ingestTime, "time of receipt by the connector; microseconds"),
            ("source_name", .string, .sourceName, "configured name of the source"),
            ("endpoint", .string, .endpoint, "configured endpoint, without credentials"),
            ("namespace", .int, .property("namespace"), "index of the node's namespace"),
            ("node_id", .string, .property("node_id"), "the node in the standard's text form"),
            ("browse_path", .string, .address, "browse names from below Objects"),
            ("status_code", .bigint, .statusBits, "32 bits of the status code, without a sign"),
            ("status", .string, .statusName, "the status in words"),
            ("value_type", .string, .valueType, "built-in type of the value"),
            ("value", .string, .valueText, "text form; absent when there is no value"),
            ("value_num", .double, .valueNumber, "numbers, and booleans as 1 or 0"),
            ("raw", .binary, .valueBytes, "the bytes of a ByteString"),
        ] + plc + [recordID])

    /// What came over MQTT.
    package static let mqttBronze = RecordLayout(
        name: "mqtt_bronze",
        [
            ("event_time", .bigint, .eventTime, "time at the source, else of receipt; microseconds"),
            ("ingest_time", .bigint, .ingestTime, "time of receipt by the connector; microseconds"),
            ("source_name", .string, .sourceName, "configured name of the source"),
            ("topic", .string, .address, "topic, and the member below it"),
            ("industry", .string, .property("industry"), "from the payload"),
            ("sensor_name", .string, .property("sensor_name"), "from the payload"),
            ("value", .double, .valueNumber, "numbers, and booleans as 1 or 0"),
            ("value_string", .string, .valueText, "text form; absent when there is no value"),
            ("unit", .string, .unit, "unit of the value"),
            ("sensor_type", .string, .property("sensor_type"), "from the payload"),
            ("timestamp_ms", .bigint, .eventMilliseconds, "event_time in milliseconds"),
            ("qos", .int, .property("qos"), "quality of service of the delivery"),
            ("retain", .boolean, .property("retain"), "a retained message"),
        ] + plc + [recordID] + status)

    /// What a Modbus device answered.
    package static let modbusBronze = RecordLayout(
        name: "modbus_bronze",
        [
            ("event_time", .bigint, .eventTime, "time of the answer; microseconds"),
            ("ingest_time", .bigint, .ingestTime, "time of receipt by the connector; microseconds"),
            ("source_name", .string, .sourceName, "configured name of the source"),
            ("slave_id", .int, .property("unit_id"), "unit id of the device"),
            ("register_address", .int, .property("register_address"), "first register, from 0"),
            ("register_type", .string, .property("register_type"), "holding, input, coil or discrete"),
            ("industry", .string, .property("industry"), "from the tag"),
            ("sensor_name", .string, .property("sensor_name"), "from the tag"),
            ("sensor_path", .string, .name, "configured name of the register"),
            ("sensor_type", .string, .property("sensor_type"), "from the tag"),
            ("unit", .string, .unit, "unit of the value"),
            ("raw_value", .double, .valueNumber, "the value as a number"),
            ("scaled_value", .int, .unscaledValue, "the register before scale and offset, rounded"),
            ("scale_factor", .int, .scaleDivisor, "1 / scale, rounded"),
        ] + plc + [recordID] + status)

    private typealias Definition = (name: String, type: ColumnType, content: Content, comment: String)

    private static var plc: [Definition] {
        [
            ("plc_name", .string, .property("plc_name"), "from payload or tag"),
            ("plc_vendor", .string, .property("plc_vendor"), "from payload or tag"),
            ("plc_model", .string, .property("plc_model"), "from payload or tag"),
        ]
    }

    private static var recordID: Definition {
        ("record_id", .string, .recordID, "the record's own name; the same again is the same record sent twice")
    }

    private static var status: [Definition] {
        [
            ("status_code", .bigint, .statusCode, "status of the protocol; 0 is good"),
            ("status", .string, .statusName, "the status in words"),
        ]
    }
}
