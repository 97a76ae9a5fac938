/// Racks, cooling, power.
let dataCenterCatalogue = """
    industry data_center

    machine rack_1  cycle 1200  swing 0.3
      inlet_temp         temperature  °C   18   27  22  0.06  air  lag 1800  reach 0.5
      outlet_temp        temperature  °C   25   40  32   0.1  load  lag 900  reach 0.7  drift 0.06
      power_consumption  power        kW    5   30  18     1  load  reach 0.8
      humidity           humidity     %RH  40   60  50   0.2  own  lag 3600  reach 0.5
      current            current      A    22  135  80     3  load  reach 0.8

    machine crac_1  cycle 1800  swing 0.25  air 0.2
      bearing 9 7.94 39.04  rpm 1200
      supply_air_temp            temperature  °C      15    20    18  0.033  -load  lag 600  reach 0.6
      return_air_temp            temperature  °C      25    35    30  0.067  load  lag 480  reach 0.7  drift 0.04
      fan_speed                  speed        RPM    500  1800  1200     50  speed  reach 0.7
      chilled_water_flow         flow         L/min  100   500   300     16  load  reach 0.8
      chilled_water_supply_temp  temperature  °C       7    12    10  0.033  own  lag 1200  reach 0.5
      chilled_water_return_temp  temperature  °C      12    18    15   0.04  load  lag 720  reach 0.7  drift 0.02
      fan_power                  power        kW     0.5    11   3.6    0.1  cube  reach 0.8
      fan_vibration              vibration    mm/s   0.3     8   1.5   0.15  speed  reach 0.2
      compressor_running         status       -        0     1     1      0  running

    machine ups_1  cycle 2400  swing 0.25
      input_voltage     voltage      V   200  240  220    0.4  own  lag 300  reach 0.5
      output_voltage    voltage      V   200  240  220    1.6  -load  lag 2  reach 0.4
      battery_voltage   voltage      V   450  550  500      1  own  lag 3600  reach 0.4
      load              level        %    20   90   60      2  load  reach 0.8
      battery_temp      temperature  °C   20   30   25  0.067  load  lag 1800  reach 0.6
      battery_capacity  level        %    80  100   95    0.2  own  lag 7200  reach 0.5
      on_battery        status       -     0    1    0      0  alarm

    machine pdu_1  cycle 2400  swing 0.25
      total_power      power    kW   100  800       450   20  load  reach 0.8
      voltage_phase_a  voltage  V    200  240       220  0.4  own  lag 300  reach 0.5
      current_phase_a  current  A     50  400       200   10  load  reach 0.8
      energy           energy   MWh    0  1e9  0.000125    0  total  start 19420

    machine facility  cycle 3600  swing 0.2  air 0.3
      =fire_suppression_system_pressure  pressure  bar  40  60  50  0.2  air  lag 5400  reach 0.5
      =ambient_humidity                  humidity  %RH  35  55  45  0.2  own  lag 5400  reach 0.5
      =water_leak_detector_status        status    -     0   1   0    0  alarm
    """
