/// A combined utility: steam turbine, water works, gas compression.
let utilitiesCatalogue = """
    industry utilities

    machine turbine_1  cycle 900  swing 0.2
      bearing 16 22.2 140  rpm 3000
      speed           speed        RPM   2900  3100    3000     5  -load  lag 4  reach 0.6
      power_output    power        MW      45    55      50   0.4  load  reach 0.8
      bearing_temp_1  temperature  °C      50   105      75  0.37  load  lag 840  reach 0.7  drift 0.2
      bearing_temp_2  temperature  °C      50   105      73  0.37  load  lag 720  reach 0.7  drift 0.2
      vibration       vibration    mm/s   0.5    18     3.5   0.4  load  lag 2  reach 0.25
      oil_pressure    pressure     bar    3.5   8.5       6   0.2  -load  lag 8  reach 0.3
      current         current      kA     1.6   2.4    1.95  0.02  load  reach 0.8
      energy          energy       MWh      0   1e9  0.0139     0  total  start 482000
      running         status       -        0     1       1     0  running

    machine water_pump_1  cycle 300  swing 0.25
      bearing 8 15.08 65  rpm 1485
      flow                flow         GPM  2000  8000  5000  150  load  reach 0.8
      discharge_pressure  pressure     PSI    60   150    95    3  -load  lag 2  reach 0.4
      motor_power         power        kW    100   400   250   10  load  reach 0.8
      motor_temp          temperature  °C     45    90    60  0.3  load  lag 720  reach 0.7  drift 0.2
      motor_current       current      A     180   720   440   12  load  reach 0.8
      running             status       -       0     1     1    0  running

    machine water  cycle 3600  swing 0.2
      ph            ph            pH     6.5  8.5  7.2  0.02  own  lag 2400  reach 0.6
      conductivity  conductivity  μS/cm  200  800  450     6  own  lag 3600  reach 0.6
      turbidity     level         NTU    0.1    5  0.8   0.1  load  lag 900  reach 0.35

    machine gas_compressor_1  cycle 600  swing 0.2
      bearing 8 15.08 65  rpm 2970
      pressure_in     pressure     PSI     40     80     60   1.6  -load  lag 5  reach 0.5
      pressure_out    pressure     PSI    200    500    350    10  load  lag 10  reach 0.6
      flow            flow         SCFM  5000  15000  10000   300  load  reach 0.8
      motor_power     power        kW     300    900    600    20  load  reach 0.8
      discharge_temp  temperature  °C      80    150    110  0.45  load  lag 720  reach 0.7  drift 0.3
      motor_current   current      A       50    160    105     3  load  reach 0.8
      vibration       vibration    mm/s   0.5     15      3   0.3  load  lag 2  reach 0.25
      bearing_temp    temperature  °C      40    100     65   0.3  load  lag 780  reach 0.7  drift 0.2
    """
