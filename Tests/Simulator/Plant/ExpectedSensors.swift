/// The sensors that users of the plant expect by name, with their units and ranges.
enum ExpectedSensors {
    struct Sensor {
        let path: String
        let unit: String
        let minimum: Double
        let maximum: Double
    }

    static var all: [Sensor] {
        var industry = ""
        var sensors: [Sensor] = []
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 4 else {
                industry = words.joined()
                continue
            }
            sensors.append(
                Sensor(
                    path: industry + "/" + words[0], unit: words[1], minimum: Double(words[2]) ?? .nan,
                    maximum: Double(words[3]) ?? .nan))
        }
        return sensors
    }

    /// An industry, then its sensors: name, unit, minimum, maximum.
    private static let text = """
        mining
        conveyor_belt_1_speed m/s 0.5 3
        conveyor_belt_1_motor_temp °C 40 95
        conveyor_belt_1_motor_current A 50 200
        conveyor_belt_1_vibration mm/s 0.5 15
        crusher_1_motor_power kW 200 800
        crusher_1_bearing_temp °C 35 105
        crusher_1_oil_pressure bar 2 8
        crusher_1_vibration_x mm/s 1 25
        crusher_1_vibration_y mm/s 1 25
        vent_fan_1_speed RPM 500 1800
        vent_fan_1_power kW 30 150
        vent_fan_1_vibration mm/s 0.5 12
        vent_fan_1_motor_temp °C 35 85
        pump_1_flow LPM 500 3000
        pump_1_discharge_pressure bar 3 12
        pump_1_motor_current A 80 250
        pump_1_bearing_temp °C 40 95
        utilities
        turbine_1_speed RPM 2900 3100
        turbine_1_power_output MW 45 55
        turbine_1_bearing_temp_1 °C 50 105
        turbine_1_bearing_temp_2 °C 50 105
        turbine_1_vibration mm/s 0.5 18
        turbine_1_oil_pressure bar 3.5 8.5
        water_pump_1_flow GPM 2000 8000
        water_pump_1_discharge_pressure PSI 60 150
        water_pump_1_motor_power kW 100 400
        water_pump_1_motor_temp °C 45 90
        water_ph pH 6.5 8.5
        water_conductivity μS/cm 200 800
        water_turbidity NTU 0.1 5
        gas_compressor_1_pressure_in PSI 40 80
        gas_compressor_1_pressure_out PSI 200 500
        gas_compressor_1_flow SCFM 5000 15000
        gas_compressor_1_motor_power kW 300 900
        gas_compressor_1_discharge_temp °C 80 150
        manufacturing
        cnc_1_spindle_speed RPM 0 8000
        cnc_1_spindle_temp °C 25 75
        cnc_1_spindle_power kW 5 35
        cnc_1_coolant_flow LPM 10 40
        cnc_1_coolant_temp °C 18 28
        cnc_1_vibration mm/s 0.5 10
        assy_line_1_speed m/min 2 12
        assy_line_1_motor_current A 5 25
        assy_line_1_position m 0 100
        press_1_pressure bar 10 300
        press_1_hydraulic_oil_temp °C 35 65
        press_1_cycle_count count 0 1000000
        compressor_1_pressure PSI 90 125
        compressor_1_motor_temp °C 45 95
        compressor_1_flow CFM 100 500
        hvac_zone_1_temp °C 18 26
        hvac_zone_1_humidity %RH 30 60
        hvac_ahu_1_supply_temp °C 12 18
        hvac_ahu_1_return_temp °C 19 25
        oil_gas
        pipeline_1_flow BBL/day 5000 25000
        pipeline_1_pressure PSI 800 1500
        pipeline_1_temperature °C 10 45
        pipeline_1_density kg/m³ 780 950
        pump_station_1_suction_pressure PSI 50 200
        pump_station_1_discharge_pressure PSI 1000 1600
        pump_station_1_flow BBL/day 8000 30000
        pump_station_1_motor_power kW 500 1500
        pump_station_1_bearing_temp °C 45 95
        pump_station_1_seal_pressure PSI 15 45
        pump_station_1_vibration mm/s 1 20
        separator_1_pressure PSI 100 400
        separator_1_temperature °C 30 80
        separator_1_level % 20 80
        separator_1_gas_flow MMSCFD 1 15
        separator_1_oil_flow BBL/day 2000 12000
        separator_1_water_flow BBL/day 500 4000
        tank_1_level % 10 95
        tank_1_temperature °C 15 40
        tank_1_pressure PSI 0 5
        tank_1_volume BBL 0 50000
        well_1_pressure PSI 500 3000
        well_1_temperature °C 40 90
        well_1_flow BBL/day 100 5000
        well_1_gas_oil_ratio SCF/BBL 200 2000
        well_1_water_cut % 5 70
        aerospace
        aileron_position_left deg -25 25
        aileron_position_right deg -25 25
        elevator_position deg -30 20
        rudder_position deg -35 35
        flap_position deg 0 40
        engine_1_n1_rpm RPM 0 12000
        engine_1_n2_rpm RPM 0 16000
        engine_1_egt °C 200 900
        engine_1_fuel_flow kg/h 100 12000
        engine_1_oil_pressure PSI 25 90
        engine_1_oil_temp °C 70 120
        engine_1_vibration mm/s 0.5 15
        hydraulic_system_a_pressure PSI 2800 3200
        hydraulic_system_b_pressure PSI 2800 3200
        hydraulic_fluid_temp °C 40 90
        hydraulic_reservoir_level % 40 100
        landing_gear_nose_position % 0 100
        landing_gear_left_position % 0 100
        landing_gear_right_position % 0 100
        cabin_pressure ft 8000 12000
        cabin_temperature °C 18 28
        cabin_humidity %RH 10 60
        fuel_tank_1_quantity kg 0 50000
        fuel_tank_2_quantity kg 0 50000
        fuel_temperature °C -40 50
        space
        reaction_wheel_1_speed RPM -6000 6000
        reaction_wheel_2_speed RPM -6000 6000
        reaction_wheel_3_speed RPM -6000 6000
        gyroscope_x deg/s -10 10
        gyroscope_y deg/s -10 10
        gyroscope_z deg/s -10 10
        solar_array_1_voltage V 28 35
        solar_array_1_current A 0 30
        battery_voltage V 28 34
        battery_current A -20 20
        battery_temperature °C -10 30
        battery_state_of_charge % 20 100
        radiator_temp_1 °C -150 150
        radiator_temp_2 °C -150 150
        electronics_bay_temp °C 5 35
        propellant_tank_temp °C -20 40
        propellant_tank_pressure PSI 200 350
        propellant_mass kg 0 500
        thruster_temp °C 20 400
        transmitter_power W 0 100
        water_wastewater
        intake_pump_1_flow MGD 5 50
        intake_pump_1_pressure PSI 30 80
        intake_pump_1_motor_current A 50 200
        raw_water_turbidity NTU 1 100
        coagulant_dosing_rate GPM 0 50
        mixer_1_speed RPM 10 100
        flocculation_basin_level ft 5 15
        clarifier_1_overflow_rate GPM 100 1000
        clarifier_1_sludge_blanket ft 0 8
        settled_water_turbidity NTU 0.1 10
        filter_1_inlet_pressure PSI 20 60
        filter_1_outlet_pressure PSI 15 55
        filter_1_flow GPM 100 2000
        filtered_water_turbidity NTU 0.01 0.5
        chlorine_residual mg/L 0.5 4
        contact_tank_level ft 8 20
        clearwell_level ft 10 30
        distribution_pump_1_flow MGD 10 60
        distribution_pump_1_pressure PSI 60 120
        distribution_pump_1_power kW 50 300
        finished_water_ph pH 6.5 9
        finished_water_conductivity μS/cm 100 800
        electric_power
        gt_1_speed RPM 2950 3050
        gt_1_power_output MW 100 300
        gt_1_exhaust_temp °C 400 600
        gt_1_fuel_flow kg/s 5 20
        gt_1_compressor_pressure bar 15 25
        gt_1_vibration mm/s 0.5 20
        st_1_speed RPM 2950 3050
        st_1_power_output MW 150 450
        st_1_steam_pressure bar 100 180
        st_1_steam_temp °C 500 560
        st_1_condenser_vacuum kPa 5 15
        gen_1_voltage kV 12 15
        gen_1_current kA 5 20
        gen_1_power_factor PF 0.8 1
        gen_1_frequency Hz 59.9 60.1
        gen_1_stator_temp °C 60 120
        gen_1_bearing_temp °C 50 95
        transformer_1_oil_temp °C 50 90
        transformer_1_winding_temp °C 60 110
        transformer_1_load MVA 50 500
        cooling_tower_1_water_temp °C 15 35
        cooling_tower_1_fan_speed RPM 0 600
        circulating_pump_1_flow m³/h 5000 20000
        circulating_pump_1_discharge_pressure bar 3 8
        automotive
        robot_1_joint_1_position deg -180 180
        robot_1_joint_2_position deg -90 90
        robot_1_joint_3_position deg -180 180
        robot_1_weld_current A 100 400
        robot_1_weld_voltage V 15 35
        robot_1_motor_temp °C 35 75
        paint_booth_temp °C 18 28
        paint_booth_humidity %RH 40 70
        paint_booth_airflow m³/h 5000 15000
        paint_booth_pressure Pa -50 50
        paint_atomizer_pressure bar 2 4
        oven_zone_1_temp °C 120 180
        oven_zone_2_temp °C 140 200
        oven_zone_3_temp °C 100 160
        oven_conveyor_speed m/min 1 8
        assembly_line_speed vehicles/h 20 80
        torque_wrench_1_torque Nm 50 300
        torque_wrench_1_angle deg 0 360
        leak_test_pressure mbar 0 100
        alignment_x_offset mm -5 5
        alignment_y_offset mm -5 5
        agv_1_battery_level % 20 100
        agv_1_speed m/s 0 2
        overhead_crane_position m 0 100
        overhead_crane_load kg 0 5000
        press_2_force ton 100 1000
        press_2_position mm 0 500
        press_2_oil_pressure bar 150 250
        chemical
        reactor_1_temperature °C 60 180
        reactor_1_pressure bar 1 25
        reactor_1_level % 20 90
        reactor_1_agitator_speed RPM 50 300
        reactor_1_ph pH 2 12
        reactor_1_conductivity mS/cm 1 100
        reactor_1_jacket_temp °C 40 160
        column_1_bottom_temp °C 100 200
        column_1_top_temp °C 60 120
        column_1_pressure bar 0.5 5
        column_1_reflux_ratio ratio 1 10
        column_1_feed_flow L/min 50 500
        tank_2_level % 10 95
        tank_2_temperature °C 15 45
        tank_2_pressure mbar -50 200
        chemical_pump_1_flow L/min 10 200
        chemical_pump_1_discharge_pressure bar 2 15
        chemical_pump_1_motor_current A 10 50
        chemical_pump_1_seal_temp °C 30 70
        hx_1_hot_inlet_temp °C 80 180
        hx_1_hot_outlet_temp °C 40 100
        hx_1_cold_inlet_temp °C 15 40
        hx_1_cold_outlet_temp °C 50 120
        emergency_vent_pressure bar 0 30
        gas_detector_1_concentration ppm 0 1000
        scrubber_efficiency % 90 99.9
        food_beverage
        mixer_tank_1_temperature °C 4 25
        mixer_tank_1_level % 20 90
        mixer_tank_1_agitator_speed RPM 20 200
        mixer_tank_1_viscosity cP 1 1000
        pasteurizer_inlet_temp °C 4 20
        pasteurizer_hold_temp °C 72 78
        pasteurizer_outlet_temp °C 4 10
        pasteurizer_flow_rate L/min 100 1000
        pasteurizer_hold_time s 15 30
        fermenter_1_temp °C 8 28
        fermenter_1_pressure bar 0 3
        fermenter_1_ph pH 3.5 7
        fermenter_1_dissolved_oxygen ppm 0 20
        filler_1_speed bottles/min 50 500
        filler_1_fill_volume mL 495 505
        filler_1_product_temp °C 2 8
        labeler_speed units/min 100 600
        capper_torque Nm 1 5
        conveyor_speed m/min 5 30
        cold_room_1_temp °C 2 6
        cold_room_1_humidity %RH 70 90
        freezer_1_temp °C -25 -18
        cip_solution_temp °C 65 85
        cip_solution_conductivity mS/cm 5 50
        cip_flow_rate L/min 50 300
        pharmaceutical
        cleanroom_1_temp °C 18 24
        cleanroom_1_humidity %RH 35 55
        cleanroom_1_pressure Pa 5 20
        cleanroom_1_particle_count_0_5um particles/m³ 0 3520
        cleanroom_1_particle_count_5um particles/m³ 0 29
        cleanroom_1_air_changes ACH 15 25
        bioreactor_1_temp °C 35 39
        bioreactor_1_ph pH 6.8 7.4
        bioreactor_1_dissolved_oxygen % 20 60
        bioreactor_1_agitation RPM 50 300
        bioreactor_1_pressure bar 0.5 2
        bioreactor_1_cell_density g/L 0 50
        freeze_dryer_shelf_temp °C -50 40
        freeze_dryer_chamber_pressure mTorr 10 500
        freeze_dryer_condenser_temp °C -80 -40
        tablet_press_compression_force kN 5 40
        tablet_press_speed tablets/min 500 10000
        tablet_press_turret_temp °C 25 45
        tablet_weight mg 95 105
        tablet_thickness mm 3.8 4.2
        coating_pan_inlet_air_temp °C 40 80
        coating_pan_exhaust_temp °C 30 50
        coating_pan_spray_rate g/min 10 100
        coating_pan_rotation_speed RPM 2 20
        vial_filler_speed vials/min 50 600
        vial_fill_volume mL 4.9 5.1
        vial_fill_weight g 4.95 5.05
        autoclave_chamber_temp °C 20 140
        autoclave_chamber_pressure bar 0 3
        autoclave_cycle_time min 0 60
        data_center
        rack_1_inlet_temp °C 18 27
        rack_1_outlet_temp °C 25 40
        rack_1_power_consumption kW 5 30
        rack_1_humidity %RH 40 60
        crac_1_supply_air_temp °C 15 20
        crac_1_return_air_temp °C 25 35
        crac_1_fan_speed RPM 500 1800
        crac_1_chilled_water_flow L/min 100 500
        crac_1_chilled_water_supply_temp °C 7 12
        crac_1_chilled_water_return_temp °C 12 18
        ups_1_input_voltage V 200 240
        ups_1_output_voltage V 200 240
        ups_1_battery_voltage V 450 550
        ups_1_load % 20 90
        ups_1_battery_temp °C 20 30
        ups_1_battery_capacity % 80 100
        pdu_1_total_power kW 100 800
        pdu_1_voltage_phase_a V 200 240
        pdu_1_current_phase_a A 50 400
        fire_suppression_system_pressure bar 40 60
        ambient_humidity %RH 35 55
        water_leak_detector_status - 0 1
        smart_building
        building_hvac_zone_1_temp °C 18 26
        building_hvac_zone_1_humidity %RH 30 60
        building_hvac_zone_1_co2 ppm 400 1000
        building_hvac_ahu_supply_temp °C 12 18
        building_hvac_ahu_return_temp °C 19 25
        building_hvac_ahu_fan_speed RPM 300 1200
        building_hvac_damper_position % 0 100
        chiller_1_leaving_water_temp °C 6 12
        chiller_1_entering_water_temp °C 10 16
        chiller_1_power kW 100 800
        chiller_1_efficiency kW/ton 0.4 1
        floor_1_lighting_power kW 0 50
        floor_1_occupancy people 0 200
        floor_1_light_level lux 200 800
        building_total_power kW 200 2000
        solar_panel_output kW 0 100
        battery_storage_soc % 20 100
        domestic_water_flow L/min 0 500
        domestic_water_pressure PSI 40 80
        hot_water_temp °C 50 70
        elevator_1_position floor 1 20
        elevator_1_load kg 0 1000
        elevator_1_motor_current A 10 80
        main_entrance_occupancy_count people 0 50
        parking_occupancy vehicles 0 500
        agriculture
        greenhouse_1_temp °C 15 35
        greenhouse_1_humidity %RH 40 90
        greenhouse_1_co2 ppm 400 1200
        greenhouse_1_light_intensity W/m² 0 1000
        greenhouse_1_soil_moisture_1 % 20 80
        greenhouse_1_soil_temp_1 °C 15 30
        irrigation_pump_flow L/min 50 500
        irrigation_pump_pressure bar 2 6
        irrigation_valve_1_position % 0 100
        water_tank_level % 10 100
        nutrient_solution_ph pH 5.5 7
        nutrient_solution_ec mS/cm 1.5 3.5
        nutrient_solution_temp °C 15 25
        fertilizer_tank_a_level % 10 100
        barn_temp °C 10 30
        barn_humidity %RH 40 80
        barn_ammonia_level ppm 0 25
        barn_ventilation_fan_speed RPM 0 1000
        silo_1_grain_temp °C 5 25
        silo_1_grain_moisture % 10 20
        renewable_energy
        wind_turbine_1_wind_speed m/s 0 25
        wind_turbine_1_rotor_speed RPM 0 20
        wind_turbine_1_power_output MW 0 3.6
        wind_turbine_1_nacelle_temp °C 20 75
        wind_turbine_1_gearbox_temp °C 30 80
        wind_turbine_1_gearbox_oil_pressure bar 1.5 4.5
        wind_turbine_1_bearing_vibration mm/s 0.5 12
        wind_turbine_1_pitch_angle ° 0 90
        wind_turbine_1_yaw_position ° 0 360
        wind_turbine_1_generator_temp °C 35 90
        solar_array_1_dc_power kW 0 500
        solar_array_1_dc_voltage V 500 800
        solar_array_1_dc_current A 0 700
        solar_array_1_panel_temp °C 15 65
        solar_array_1_irradiance W/m² 0 1200
        solar_array_1_efficiency % 15 22
        solar_inverter_1_ac_power kW 0 500
        solar_inverter_1_ac_voltage V 380 420
        solar_inverter_1_ac_current A 0 700
        solar_inverter_1_frequency Hz 49.9 50.1
        solar_inverter_1_temp °C 25 75
        solar_inverter_1_efficiency % 94 98
        bess_1_soc % 10 100
        bess_1_voltage V 700 850
        bess_1_current A -500 500
        bess_1_power kW -400 400
        bess_1_temp_avg °C 15 45
        bess_1_temp_max °C 20 50
        bess_1_cycles_count cycles 0 5000
        solar_tracker_1_azimuth ° 0 360
        solar_tracker_1_elevation ° 0 90
        solar_tracker_1_motor_current A 0 15
        """
}
