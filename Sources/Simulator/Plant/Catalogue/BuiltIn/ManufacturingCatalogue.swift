/// A discrete factory: machining, assembly, pressing, compressed air, air conditioning.
let manufacturingCatalogue = """
    industry manufacturing

    machine cnc_1  cycle 45  swing 0.3
      bearing 9 7.94 39.04  rpm 3500
      spindle_speed    speed        RPM       0     8000    3500     50  setpoint  lag 1.5  reach 0.8
      spindle_temp     temperature  °C       25       75      45    0.3  load  lag 540  reach 0.7  drift 0.2
      spindle_power    power        kW        5       35      20    1.2  load  reach 0.8
      coolant_flow     flow         LPM      10       40      25      1  load  reach 0.8
      coolant_temp     temperature  °C       18       28      22  0.067  load  lag 900  reach 0.6
      vibration        vibration    mm/s    0.5       10       2   0.25  load  lag 2  reach 0.25
      spindle_current  current      A         8       60      33      2  load  reach 0.8
      parts_count      count        pieces    0  1000000  0.0222      0  total  start 48210
      running          status       -         0        1       1      0  running

    machine assy_line_1  cycle 90  swing 0.25
      speed          speed        m/min    2       12       8  0.2  speed  reach 0.7
      motor_current  current      A        5       25      12  0.5  load  reach 0.8
      position       position     m        0      100      50  0.1  fill  reach 0.9
      parts_count    count        pieces   0  1000000  0.0167    0  total  start 21500
      motor_power    power        kW       2       14     6.5  0.3  load  reach 0.8
      motor_temp     temperature  °C      25       85      48  0.3  load  lag 540  reach 0.7  drift 0.2

    machine press_1  cycle 20  swing 0.4
      pressure            pressure     bar    10      300   200  2.9  swing  reach 0.85
      hydraulic_oil_temp  temperature  °C     35       65    48  0.2  load  lag 780  reach 0.7  drift 0.1
      cycle_count         count        count   0  1000000  0.05    0  total  start 123456
      motor_power         power        kW     10       90    45    2  load  reach 0.8
      motor_current       current      A      18      165    85    3  load  reach 0.8

    machine compressor_1  cycle 240  swing 0.3
      bearing 8 15.08 65  rpm 2960
      pressure       pressure     PSI    90  125  105   1.4  load  lag 10  reach 0.5
      motor_temp     temperature  °C     45   95   65  0.33  load  lag 900  reach 0.7  drift 0.2
      flow           flow         CFM   100  500  300    15  load  reach 0.8
      motor_power    power        kW     20  110   65     2  load  reach 0.8
      motor_current  current      A      35  200  120     3  load  reach 0.8
      vibration      vibration    mm/s  0.5   12  2.2   0.2  load  lag 2  reach 0.25

    machine hvac_zone_1  cycle 1800  swing 0.15  shift 0.3  air 0.5
      temp      temperature  °C   18  26  21  0.045  air  lag 1800  reach 0.6
      humidity  humidity     %RH  30  60  45    0.3  own  lag 3600  reach 0.7

    machine hvac_ahu_1  cycle 1200  swing 0.15  shift 0.3  air 0.5
      supply_temp  temperature  °C  12  18  15  0.04  -air  lag 600  reach 0.6
      return_temp  temperature  °C  19  25  22  0.04  load  lag 1200  reach 0.6
    """
