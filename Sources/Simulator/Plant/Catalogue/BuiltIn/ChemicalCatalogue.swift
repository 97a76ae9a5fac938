/// A batch reactor, a column, and what stands around them.
let chemicalCatalogue = """
    industry chemical

    machine reactor_1  cycle 7200  swing 0.3
      bearing 9 7.94 39.04  rpm 180
      temperature       temperature   °C       60     180      120  0.75  batch  lag 600  reach 0.75
      pressure          pressure      bar       1      25       10  0.24  batch  lag 300  reach 0.6
      level             level         %        20      90       60   0.7  fill  reach 0.8
      agitator_speed    speed         RPM      50     300      180    10  speed  reach 0.7
      ph                ph            pH        2      12        7   0.1  own  lag 1800  reach 0.35
      conductivity      conductivity  mS/cm     1     100       50  0.99  own  lag 1800  reach 0.5
      jacket_temp       temperature   °C       40     160      100   0.6  batch  lag 300  reach 0.7
      batch_count       count         batches   0  100000  0.00014     0  total  start 3402
      agitator_power    power         kW        2      22       10   0.4  cube  reach 0.8
      agitator_current  current       A         4      42       20   0.6  cube  reach 0.8

    machine column_1  cycle 3600  swing 0.25
      bottom_temp   temperature  °C     100  200  150  0.67  load  lag 900  reach 0.5
      top_temp      temperature  °C      60  120   90   0.4  -load  lag 900  reach 0.5
      pressure      pressure     bar    0.5    5    2   0.1  load  lag 10  reach 0.5
      reflux_ratio  level        ratio    1   10    5   0.2  load  lag 900  reach 0.6
      feed_flow     flow         L/min   50  500  250    10  load  reach 0.8

    machine tank_2  cycle 7200  swing 0.4
      level        level        %      10   95  65  0.85  fill  reach 0.85
      temperature  temperature  °C     15   45  25  0.15  air  lag 5400  reach 0.5
      pressure     pressure     mbar  -50  200  50   2.5  -fill  reach 0.5

    machine chemical_pump_1  cycle 300  swing 0.25
      bearing 9 7.94 39.04  rpm 2930
      flow                flow         L/min   10  200  100     5  load  reach 0.8
      discharge_pressure  pressure     bar      2   15    8   0.3  -load  reach 0.5
      motor_current       current      A       10   50   25   1.6  load  reach 0.8
      seal_temp           temperature  °C      30   70   45  0.27  load  lag 660  reach 0.7  drift 0.2
      motor_power         power        kW       3   28   13   0.5  load  reach 0.8
      vibration           vibration    mm/s   0.5   12    2   0.2  load  lag 2  reach 0.25
      running             status       -        0    1    1     0  running

    machine hx_1  cycle 1800  swing 0.25
      hot_inlet_temp    temperature  °C  80  180  130  0.67  own  lag 1200  reach 0.5
      hot_outlet_temp   temperature  °C  40  100   70   0.4  load  lag 480  reach 0.7  drift 0.2
      cold_inlet_temp   temperature  °C  15   40   25  0.17  air  lag 3600  reach 0.5
      cold_outlet_temp  temperature  °C  50  120   80  0.45  -load  lag 420  reach 0.5

    machine safety  cycle 3600  swing 0.2
      =emergency_vent_pressure       pressure  bar   0    30  1.5  0.3  own  lag 1800  reach 0.08
      =gas_detector_1_concentration  level     ppm   0  1000   10    5  own  lag 1200  reach 0.05
      =scrubber_efficiency           level     %    90  99.9   97  0.4  -load  lag 300  reach 0.6
      gas_alarm                      status    -     0     1    0    0  alarm
    """
