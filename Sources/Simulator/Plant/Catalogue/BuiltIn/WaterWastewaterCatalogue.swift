/// A water works from intake to distribution.
let waterWastewaterCatalogue = """
    industry water_wastewater

    machine intake_pump_1  cycle 600  swing 0.25
      bearing 8 15.08 65  rpm 985
      flow           flow         MGD     5   50   25    1  load  reach 0.8
      pressure       pressure     PSI    30   80   55    2  -load  reach 0.5
      motor_current  current      A      50  200  120    5  load  reach 0.8
      motor_power    power        kW     25  110   66    2  load  reach 0.8
      motor_temp     temperature  °C     30   95   58  0.3  load  lag 660  reach 0.7  drift 0.2
      vibration      vibration    mm/s  0.5   12  2.4  0.2  load  lag 2  reach 0.25
      running        status       -       0    1    1    0  running

    machine treatment  cycle 3600  swing 0.25
      =raw_water_turbidity         level  NTU    1   100   15  0.99  own  lag 5400  reach 0.3
      =coagulant_dosing_rate       flow   GPM    0    50   20     1  load  reach 0.8
      =mixer_1_speed               speed  RPM   10   100   50     2  speed  lag 3  reach 0.6
      =flocculation_basin_level    level  ft     5    15   10   0.4  load  lag 900  reach 0.6
      =clarifier_1_overflow_rate   flow   GPM  100  1000  500    20  load  reach 0.8
      =clarifier_1_sludge_blanket  level  ft     0     8    3   0.3  load  lag 900  reach 0.6
      =settled_water_turbidity     level  NTU  0.1    10    2   0.2  load  lag 900  reach 0.6

    machine filter_1  cycle 7200  swing 0.3
      inlet_pressure             pressure  PSI       20      60       40     0.4  fill  reach 0.6
      outlet_pressure            pressure  PSI       15      55       35     0.4  -fill  reach 0.6
      flow                       flow      GPM      100    2000     1000      50  load  reach 0.8
      =filtered_water_turbidity  level     NTU     0.01     0.5      0.1  0.0049  fill  lag 300  reach 0.4
      backwash_count             count     washes     0  100000  0.00014       0  total  start 2210

    machine disinfection  cycle 3600  swing 0.25
      =chlorine_residual   level  mg/L  0.5   4   2   0.1  -load  lag 900  reach 0.6
      =contact_tank_level  level  ft      8  20  15  0.48  load  lag 900  reach 0.6
      =clearwell_level     level  ft     10  30  22   0.8  -load  lag 3600  reach 0.8

    machine distribution_pump_1  cycle 900  swing 0.25
      bearing 8 15.08 65  rpm 1480
      flow          flow         MGD  10   60    35    2  load  reach 0.8
      pressure      pressure     PSI  60  120    90  2.4  -load  reach 0.5
      power         power        kW   50  300   180   10  load  reach 0.8
      current       current      A    85  510   300    8  load  reach 0.8
      bearing_temp  temperature  °C   30   95    58  0.3  load  lag 720  reach 0.7  drift 0.2
      total_flow    volume       m³    0  1e9  1.53    0  total  start 9800000
      running       status       -     0    1     1    0  running

    machine finished_water  cycle 3600  swing 0.2
      ph            ph            pH     6.5    9  7.5  0.025  own  lag 3600  reach 0.5
      conductivity  conductivity  μS/cm  100  800  400      7  own  lag 5400  reach 0.5
    """
