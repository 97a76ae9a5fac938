/// A greenhouse, irrigation, a barn and a silo.
let agricultureCatalogue = """
    industry agriculture

    machine greenhouse_1  cycle 5400  swing 0.15  shift 0  sun 0.7  air 0.3
      temp             temperature  °C     15    35   24  0.13  load  lag 1200  reach 0.7
      humidity         humidity     %RH    40    90   70     2  -load  lag 1800  reach 0.7
      co2              level        ppm   400  1200  800   3.2  -sun  lag 1800  reach 0.7
      light_intensity  level        W/m²    0  1000  500     4  sun  reach 0.98
      soil_moisture_1  level        %      20    80   50   0.6  own  lag 7200  reach 0.5
      soil_temp_1      temperature  °C     15    30   22   0.1  air  lag 7200  reach 0.6
      vent_open        status       -       0     1    0     0  running

    machine irrigation  cycle 1800  swing 0.4  shift 0.3
      bearing 9 7.94 39.04  rpm 2900
      pump_flow          flow         L/min  50  500      250    15  load  reach 0.8
      pump_pressure      pressure     bar     2    6        4  0.16  -load  reach 0.5
      valve_1_position   position     %       0  100       50     4  load  lag 10  reach 0.8
      =water_tank_level  level        %      10  100       70     2  -load  lag 3600  reach 0.8
      pump_power         power        kW      1   11      5.5   0.2  load  reach 0.8
      pump_current       current      A       2   21     10.8   0.3  load  reach 0.8
      pump_motor_temp    temperature  °C     15   80       42   0.3  load  lag 600  reach 0.7  drift 0.2
      total_flow         volume       m³      0  1e9  0.00417     0  total  start 63400
      pump_running       status       -       0    1        1     0  running

    machine nutrient  cycle 3600  swing 0.2  shift 0.2
      solution_ph               ph            pH     5.5    7  6.2  0.015  own  lag 2400  reach 0.5
      solution_ec               conductivity  mS/cm  1.5  3.5  2.5   0.02  own  lag 2400  reach 0.5
      solution_temp             temperature   °C      15   25   20  0.067  air  lag 3600  reach 0.5
      =fertilizer_tank_a_level  level         %       10  100   60    0.9  -fill  reach 0.85

    machine barn  cycle 1800  swing 0.2  shift 0.2  air 0.5
      temp                   temperature  °C   10    30   18  0.13  air  lag 3600  reach 0.7
      humidity               humidity     %RH  40    80   60   0.4  own  lag 3600  reach 0.6
      ammonia_level          level        ppm   0    25    5     1  -load  lag 1800  reach 0.3
      ventilation_fan_speed  speed        RPM   0  1000  500    30  speed  reach 0.7
      ventilation_fan_power  power        kW    0     6  1.5  0.06  cube  reach 0.8

    machine silo_1  cycle 43200  swing 0.2  shift 0  air 0.4
      grain_temp      temperature  °C   5  25  15  0.13  air  lag 14400  reach 0.7
      grain_moisture  humidity     %   10  20  14   0.1  own  lag 14400  reach 0.5
    """
