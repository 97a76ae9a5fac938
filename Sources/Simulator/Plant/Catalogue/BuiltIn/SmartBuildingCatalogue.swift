/// An office tower.
let smartBuildingCatalogue = """
    industry smart_building

    machine building_hvac  cycle 1800  swing 0.2  shift 0.5  air 0.4
      bearing 9 7.94 39.04  rpm 800
      zone_1_temp      temperature  °C     18    26    21  0.053  load  lag 1500  reach 0.6
      zone_1_humidity  humidity     %RH    30    60    45    0.3  own  lag 3600  reach 0.6
      zone_1_co2       level        ppm   400  1000   600     20  load  lag 900  reach 0.7
      ahu_supply_temp  temperature  °C     12    18    15   0.04  -load  lag 600  reach 0.6
      ahu_return_temp  temperature  °C     19    25    22   0.04  load  lag 720  reach 0.7  drift 0.02
      ahu_fan_speed    speed        RPM   300  1200   800     30  speed  reach 0.7
      damper_position  position     %       0   100    50      4  load  lag 60  reach 0.8
      fan_power        power        kW    0.3    15     5   0.15  cube  reach 0.8
      fan_current      current      A       1    30  10.5    0.3  cube  reach 0.8
      fan_vibration    vibration    mm/s  0.3     8   1.6   0.15  speed  reach 0.2

    machine chiller_1  cycle 1800  swing 0.2  shift 0.4  air 0.5
      bearing 8 15.08 65  rpm 2960
      leaving_water_temp   temperature  °C        6    12    8   0.04  load  lag 420  reach 0.5
      entering_water_temp  temperature  °C       10    16   13   0.04  load  lag 720  reach 0.7  drift 0.02
      power                power        kW      100   800  450     20  load  reach 0.8
      efficiency           level        kW/ton  0.4     1  0.6  0.024  -load  lag 120  reach 0.5
      current              current      A       150  1250  700     20  load  reach 0.8
      motor_temp           temperature  °C       30    95   58    0.3  load  lag 720  reach 0.7  drift 0.2
      running              status       -         0     1    1      0  running

    machine floor_1  cycle 3600  swing 0.15  shift 0.9
      lighting_power  power  kW        0   50   25   2  load  lag 60  reach 0.9
      occupancy       level  people    0  200  100   5  load  lag 300  reach 0.9  step 1
      light_level     level  lux     200  800  500  20  load  lag 60  reach 0.7

    machine energy  cycle 3600  swing 0.15  shift 0.7
      =building_total_power  power   kW   200  2000      1000   50  load  reach 0.8
      =solar_panel_output    power   kW     0   100        50  0.4  sun  reach 0.98
      =battery_storage_soc   level   %     20   100        75  0.8  hour  lag 1800  reach 0.7
      meter                  energy  MWh    0   1e9  0.000278    0  total  start 8120

    machine water  cycle 1800  swing 0.2  shift 0.6
      =domestic_water_flow      flow         L/min   0  500      200    10  load  reach 0.8
      =domestic_water_pressure  pressure     PSI    40   80       60   1.6  -load  lag 4  reach 0.5
      =hot_water_temp           temperature  °C     50   70       60  0.13  -load  lag 900  reach 0.6
      meter                     volume       m³      0  1e9  0.00333     0  total  start 40210

    machine elevator_1  cycle 75  swing 0.3  shift 0.5
      position       position  floor   1    20      10  0.19  setpoint  lag 6  reach 0.95  step 1
      load           level     kg      0  1000     400    10  setpoint  lag 2  reach 0.8
      motor_current  current   A      10    80      40   2.8  load  reach 0.8
      trips_count    count     trips   0   1e9  0.0133     0  total  start 401200
      motor_power    power     kW      2    30      14   0.8  load  reach 0.8

    machine people  cycle 3600  swing 0.2  shift 0.9
      =main_entrance_occupancy_count  level  people    0   50   10  2  load  lag 30  reach 0.8  step 1
      =parking_occupancy              level  vehicles  0  500  300  5  load  lag 1800  reach 0.9  step 1
    """
