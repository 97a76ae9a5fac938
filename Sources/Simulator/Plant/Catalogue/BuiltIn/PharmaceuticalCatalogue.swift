/// Clean rooms, a bioreactor, freeze drying, tablets and vials.
let pharmaceuticalCatalogue = """
    industry pharmaceutical

    machine cleanroom_1  cycle 3600  swing 0.2
      temp                  temperature  °C            18    24    21  0.03  own  lag 2400  reach 0.5
      humidity              humidity     %RH           35    55    45   0.2  own  lag 3600  reach 0.5
      pressure              pressure     Pa             5    20    12  0.15  own  lag 600  reach 0.5
      particle_count_0_5um  level        particles/m³   0  3520  1000   100  load  lag 120  reach 0.5  step 1
      particle_count_5um    level        particles/m³   0    29    10   1.2  load  lag 120  reach 0.6  step 1
      air_changes           level        ACH           15    25    20   0.1  own  lag 900  reach 0.5

    machine bioreactor_1  cycle 43200  swing 0.3  shift 0
      temp              temperature  °C    35   39   37  0.015  own  lag 900  reach 0.4
      ph                ph           pH   6.8  7.4  7.2  0.006  own  lag 1800  reach 0.5
      dissolved_oxygen  level        %     20   60   40    0.4  -fill  lag 600  reach 0.6
      agitation         speed        RPM   50  300  180    2.5  fill  lag 600  reach 0.7
      pressure          pressure     bar  0.5    2  1.2   0.05  load  lag 10  reach 0.5
      cell_density      level        g/L    0   50   25    0.5  fill  lag 1800  reach 0.8

    machine freeze_dryer  cycle 14400  swing 0.3  shift 0
      shelf_temp        temperature  °C     -50   40  -10   0.3  batch  lag 900  reach 0.8
      chamber_pressure  pressure     mTorr   10  500  100   4.9  -batch  lag 600  reach 0.6
      condenser_temp    temperature  °C     -80  -40  -60  0.27  batch  lag 1200  reach 0.6

    machine tablet_press  cycle 300  swing 0.3
      bearing 9 7.94 39.04  rpm 1460
      compression_force  level        kN             5     40    20      1  load  lag 900  reach 0.6
      speed              speed        tablets/min  500  10000  5000    100  speed  reach 0.7
      turret_temp        temperature  °C            25     45    32   0.13  load  lag 780  reach 0.7  drift 0.08
      =tablet_weight     level        mg            95    105   100    0.1  own  lag 300  reach 0.4
      =tablet_thickness  position     mm           3.8    4.2     4  0.004  own  lag 300  reach 0.4
      tablet_count       count        tablets        0    1e9  83.3      0  total  start 92100000
      motor_power        power        kW             1     12     6    0.2  load  reach 0.8
      motor_current      current      A              2     24    12    0.4  load  reach 0.8
      vibration          vibration    mm/s         0.5     10     2    0.2  load  lag 2  reach 0.25

    machine coating_pan  cycle 5400  swing 0.3
      inlet_air_temp  temperature  °C     40   80  60  0.27  batch  lag 300  reach 0.7
      exhaust_temp    temperature  °C     30   50  40  0.13  batch  lag 900  reach 0.7
      spray_rate      flow         g/min  10  100  50   0.9  batch  lag 20  reach 0.7
      rotation_speed  speed        RPM     2   20  10  0.72  speed  reach 0.7

    machine vial_line  cycle 240  swing 0.3
      =vial_filler_speed  speed   vials/min    50   600  300     20  speed  reach 0.7
      =vial_fill_volume   level   mL          4.9   5.1    5  0.002  own  lag 300  reach 0.4
      =vial_fill_weight   level   g          4.95  5.05    5  0.001  own  lag 300  reach 0.4
      vial_count          count   vials         0   1e9    5      0  total  start 6210000
      running             status  -             0     1    1      0  running

    machine autoclave  cycle 3600  swing 0.3  shift 0
      chamber_temp      temperature  °C      20      140      121  0.75  batch  lag 120  reach 0.95
      chamber_pressure  pressure     bar      0        3      2.1  0.03  batch  lag 120  reach 0.9
      cycle_time        level        min      0       60       20   0.6  fill  reach 0.95
      cycle_count       count        cycles   0  1000000  0.00028     0  total  start 10480
    """
