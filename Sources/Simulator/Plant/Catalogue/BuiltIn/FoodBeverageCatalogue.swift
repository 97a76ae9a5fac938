/// A dairy and bottling hall.
let foodBeverageCatalogue = """
    industry food_beverage

    machine mixer_tank_1  cycle 3600  swing 0.3
      temperature       temperature  °C     4    25   15  0.14  batch  lag 900  reach 0.7
      level             level        %     20    90   60   0.7  fill  reach 0.85
      agitator_speed    speed        RPM   20   200  100     5  speed  reach 0.7
      viscosity         level        cP     1  1000  100    10  batch  lag 600  reach 0.4
      agitator_power    power        kW   0.5    11    4  0.15  cube  reach 0.8
      agitator_current  current      A      1    22  8.5   0.3  cube  reach 0.8

    machine pasteurizer  cycle 900  swing 0.2
      inlet_temp    temperature  °C       4    20       10  0.11  load  lag 540  reach 0.7  drift 0.06
      hold_temp     temperature  °C      72    78       75  0.04  own  lag 300  reach 0.5
      outlet_temp   temperature  °C       4    10        6  0.04  load  lag 600  reach 0.7  drift 0.02
      flow_rate     flow         L/min  100  1000      500    20  load  reach 0.8
      hold_time     level        s       15    30       20   0.6  -load  reach 0.6
      total_volume  volume       m³       0   1e9  0.00833     0  total  start 51200

    machine fermenter_1  cycle 86400  swing 0.3
      temp              temperature  °C     8  28   18   0.13  batch  lag 3600  reach 0.6
      pressure          pressure     bar    0   3  1.5   0.03  batch  lag 1800  reach 0.7
      ph                ph           pH   3.5   7    5  0.035  -batch  lag 7200  reach 0.7
      dissolved_oxygen  level        ppm    0  20    8    0.2  -batch  lag 3600  reach 0.7

    machine filler_1  cycle 300  swing 0.3
      speed         speed        bottles/min   50  500  300    10  speed  reach 0.7
      fill_volume   level        mL           495  505  500   0.1  own  lag 600  reach 0.4
      product_temp  temperature  °C             2    8    5  0.04  load  lag 720  reach 0.7  drift 0.02
      bottle_count  count        bottles        0  1e9    5     0  total  start 18250000
      running       status       -              0    1    1     0  running

    machine packaging  cycle 240  swing 0.3
      =labeler_speed          speed    units/min  100   600  350    15  speed  lag 3  reach 0.7
      =capper_torque          level    Nm           1     5    3  0.04  own  lag 600  reach 0.5
      =conveyor_speed         speed    m/min        5    30   18     1  speed  lag 3  reach 0.7
      conveyor_motor_power    power    kW         0.5     5  2.4   0.1  load  reach 0.8
      conveyor_motor_current  current  A            1  10.5    5   0.2  load  reach 0.8

    machine cold_store  cycle 2700  swing 0.4  air 0.3
      =cold_room_1_temp      temperature  °C     2    6    4  0.027  load  lag 600  reach 0.7
      =cold_room_1_humidity  humidity     %RH   70   90   80    0.2  own  lag 3600  reach 0.6
      =freezer_1_temp        temperature  °C   -25  -18  -22  0.047  load  lag 900  reach 0.7
      compressor_running     status       -      0    1    1      0  running

    machine cip  cycle 5400  swing 0.3
      solution_temp          temperature   °C     65   85   75  0.13  batch  lag 400  reach 0.8
      solution_conductivity  conductivity  mS/cm   5   50   25  0.45  batch  lag 120  reach 0.7
      flow_rate              flow          L/min  50  300  180   2.5  batch  lag 10  reach 0.8
    """
