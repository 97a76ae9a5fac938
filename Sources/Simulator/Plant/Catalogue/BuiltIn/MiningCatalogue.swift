/// A crushing line: belt, crusher, ventilation, dewatering.
///
/// `Catalogue+Parser` explains the columns. Temperatures follow their machine with the time constant of its
/// iron; a belt and a crusher work in cycles, a fan by its affinity law, a pump along its curve.
let miningCatalogue = """
    industry mining

    machine conveyor_belt_1  cycle 120  swing 0.20
      bearing 9 7.94 39.04  rpm 1480
      speed               speed        m/s   0.5     3   1.8   0.02  speed  lag 4  reach 0.5
      motor_temp          temperature  °C     40    95    65   0.3   load   lag 600  reach 0.8  drift 0.2
      motor_current       current      A      50   200   120   3     load   reach 0.8
      vibration           vibration    mm/s  0.5    15   2.5   0.3   load   lag 2  reach 0.25
      motor_power         power        kW     20   110    62   1.5   load   reach 0.8
      total_mass          mass         t       0   1e9  0.25   0     total  start 1840000
      running             status       -       0     1     1   0     running

    machine crusher_1  cycle 30  swing 0.30
      bearing 16 22.2 140  rpm 590
      motor_power         power        kW    200   800   450   15    load   reach 0.8
      bearing_temp        temperature  °C     35   105    70   0.4   load   lag 900  reach 0.7  drift 0.3
      oil_pressure        pressure     bar     2     8     5   0.15  -load  lag 8  reach 0.3
      vibration_x         vibration    mm/s    1    25     5   0.5   load   lag 2  reach 0.3
      vibration_y         vibration    mm/s    1    25   4.8   0.5   load   lag 2  reach 0.28
      motor_current       current      A      22    88    49   1.6   load   reach 0.8

    machine vent_fan_1  cycle 300  swing 0.25
      bearing 8 15.08 65  rpm 1200
      speed               speed        RPM   500  1800  1200   20    speed  reach 0.7
      power               power        kW     30   150    75   3     cube   reach 0.8
      vibration           vibration    mm/s  0.5    12     2   0.2   speed  reach 0.2
      motor_temp          temperature  °C     35    85    55   0.3   cube   lag 480  reach 0.8  drift 0.2
      motor_current       current      A      52   265   132   4     cube   reach 0.8

    machine pump_1  cycle 180  swing 0.25
      bearing 8 15.08 65  rpm 1485
      flow                flow         LPM   500  3000  1800   50    load   reach 0.8
      discharge_pressure  pressure     bar     3    12   7.5   0.25  -load  reach 0.4
      motor_current       current      A      80   250   150   5     load   reach 0.7
      bearing_temp        temperature  °C     40    95    60   0.3   load   lag 720  reach 0.7  drift 0.2
      motor_power         power        kW     45   140    84   2.5   load   reach 0.7
      vibration           vibration    mm/s  0.5    12   2.2   0.2   load   lag 2  reach 0.25
      running             status       -       0     1     1   0     running
    """
