/// Wind, sun and a battery.
let renewableEnergyCatalogue = """
    industry renewable_energy

    machine wind_turbine_1  cycle 1800  swing 0.2  shift 0  slow 0.6 fast 0.25
      bearing 16 22.2 140  rpm 1500
      wind_speed            speed        m/s     0    25      8.5     1  load  lag 2  reach 0.75
      rotor_speed           speed        RPM     0    20       12   0.8  load  lag 10  reach 0.8
      power_output          power        MW      0   3.6      2.2  0.14  load  reach 0.85
      nacelle_temp          temperature  °C     20    75       45  0.37  load  lag 840  reach 0.7  drift 0.2
      gearbox_temp          temperature  °C     30    80       55  0.33  load  lag 600  reach 0.7  drift 0.2
      gearbox_oil_pressure  pressure     bar   1.5   4.5        3  0.12  -load  lag 10  reach 0.4
      bearing_vibration     vibration    mm/s  0.5    12      2.5   0.3  load  lag 2  reach 0.25
      pitch_angle           position     °       0    90       15     2  load  lag 15  reach 0.4
      yaw_position          position     °       0   360      180   3.6  own  lag 5400  reach 0.4
      generator_temp        temperature  °C     35    90       60  0.37  load  lag 840  reach 0.7  drift 0.2
      generator_current     current      A       0  3200     1900    60  load  reach 0.85
      energy                energy       MWh     0   1e9  0.00061     0  total  start 21340
      running               status       -       0     1        1     0  running

    machine solar_array_1  cycle 3600  swing 0  shift 0  sun 2.2  slow 0 fast 0
      dc_power    power        kW      0   500  300      2  load  reach 0.98
      dc_voltage  voltage      V     500   800  650    1.2  -load  lag 60  reach 0.4
      dc_current  current      A       0   700  450    2.8  load  reach 0.98
      panel_temp  temperature  °C     15    65   35    0.2  sun  lag 900  reach 0.8
      irradiance  level        W/m²    0  1200  650    4.8  load  reach 0.98
      efficiency  level        %      15    22   19  0.028  -load  lag 900  reach 0.6

    machine solar_inverter_1  cycle 3600  swing 0  shift 0  sun 2.2  slow 0 fast 0
      ac_power    power        kW      0   500        285       2  load  reach 0.98
      ac_voltage  voltage      V     380   420        400    0.16  own  lag 300  reach 0.5
      ac_current  current      A       0   700        420     2.8  load  reach 0.98
      frequency   level        Hz   49.9  50.1         50  0.0008  own  lag 60  reach 0.6
      temp        temperature  °C     25    75         50     0.2  load  lag 840  reach 0.7  drift 0.2
      efficiency  level        %      94    98       96.5   0.016  load  lag 30  reach 0.5
      energy      energy       MWh     0   1e9  0.0000395       0  total  start 1240
      running     status       -       0     1          1       0  running

    machine bess_1  cycle 7200  swing 0.7  shift 0
      soc           level        %         10   100        70  0.9  swing  phase 0.75  reach 0.7
      voltage       voltage      V        700   850       780  1.5  swing  phase 0.8  reach 0.6
      current       current      A       -500   500        50   10  swing  reach 0.7
      power         power        kW      -400   400        40    8  swing  reach 0.7
      temp_avg      temperature  °C        15    45        28  0.2  load  lag 1800  reach 0.6
      temp_max      temperature  °C        20    50        32  0.2  load  lag 1800  reach 0.6
      cycles_count  count        cycles     0  5000  0.000139    0  total  start 1200

    machine solar_tracker_1  cycle 86400  swing 0.1  shift 0  sun 1  slow 0.2 fast 0.12
      azimuth        position  °  0  360  180   1.4  hour  reach 0.6
      elevation      position  °  0   90   45  0.36  sun  lag 60  reach 0.8
      motor_current  current   A  0   15    5  0.06  load  reach 0.8
    """
