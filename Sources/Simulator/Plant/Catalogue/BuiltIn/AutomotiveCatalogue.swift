/// A car plant: welding, paint, assembly, press shop.
let automotiveCatalogue = """
    industry automotive

    machine robot_1  cycle 60  swing 0.4
      joint_1_position  position     deg    -180       180    0     1  swing  reach 0.8
      joint_2_position  position     deg     -90        90    0     1  swing  phase 0.15  reach 0.7
      joint_3_position  position     deg    -180       180    0     1  swing  phase 0.4  reach 0.75
      weld_current      current      A       100       400  250    10  load  reach 0.8
      weld_voltage      voltage      V        15        35   25   0.8  -load  reach 0.4
      motor_temp        temperature  °C       35        75   50  0.27  load  lag 840  reach 0.7  drift 0.2
      weld_count        count        welds     0  10000000  0.2     0  total  start 812300
      running           status       -         0         1    1     0  running

    machine paint  cycle 900  swing 0.2
      bearing 8 15.08 65  rpm 1450
      booth_temp           temperature  °C      18     28     22  0.067  own  lag 1800  reach 0.5
      booth_humidity       humidity     %RH     40     70     55    0.3  own  lag 2400  reach 0.6
      booth_airflow        flow         m³/h  5000  15000  10000    200  load  reach 0.8
      booth_pressure       pressure     Pa     -50     50     10      2  load  lag 20  reach 0.4
      atomizer_pressure    pressure     bar      2      4      3   0.08  load  lag 10  reach 0.5
      booth_fan_vibration  vibration    mm/s   0.5     10      2    0.2  load  lag 2  reach 0.25

    machine oven  cycle 1800  swing 0.2
      zone_1_temp     temperature  °C     120  180  150  0.4  -load  lag 900  reach 0.4
      zone_2_temp     temperature  °C     140  200  170  0.4  -load  lag 900  reach 0.4
      zone_3_temp     temperature  °C     100  160  130  0.4  -load  lag 900  reach 0.4
      conveyor_speed  speed        m/min    1    8    4  0.2  speed  reach 0.7

    machine assembly  cycle 180  swing 0.3
      line_speed               speed     vehicles/h  20        80      50    2  speed  reach 0.7
      =torque_wrench_1_torque  level     Nm          50       300     180  2.5  setpoint  lag 2  reach 0.4
      =torque_wrench_1_angle   position  deg          0       360      90  3.6  fill  reach 0.8
      =leak_test_pressure      pressure  mbar         0       100      50    1  batch  lag 3  reach 0.8
      =alignment_x_offset      position  mm          -5         5       0  0.1  own  lag 300  reach 0.5
      =alignment_y_offset      position  mm          -5         5       0  0.1  own  lag 300  reach 0.5
      vehicle_count            count     vehicles     0  10000000  0.0139    0  total  start 154020

    machine agv_1  cycle 2400  swing 0.5
      battery_level  level  %    20  100  75   0.8  -fill  reach 0.8
      speed          speed  m/s   0    2   1  0.02  setpoint  lag 4  reach 0.8

    machine overhead_crane  cycle 420  swing 0.4
      position  position  m   0   100    50  0.5  swing  reach 0.9
      load      level     kg  0  5000  2000   50  setpoint  lag 6  reach 0.8

    machine press_2  cycle 30  swing 0.4
      force          pressure  ton      100      1000     600  9  swing  reach 0.85
      position       position  mm         0       500     250  5  swing  phase 0.25  reach 0.9
      oil_pressure   pressure  bar      150       250     200  1  swing  reach 0.5
      motor_power    power     kW        40       320     170  6  load  reach 0.8
      motor_current  current   A         70       580     310  9  load  reach 0.8
      stroke_count   count     strokes    0  10000000  0.0333  0  total  start 934100
    """
