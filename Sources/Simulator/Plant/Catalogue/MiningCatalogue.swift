/// A crushing line: belt, crusher, ventilation, dewatering.
///
/// `CatalogueParser` explains the columns. Temperatures follow their machine with the time constant of its
/// iron; a belt and a crusher work in cycles, a fan by its affinity law, a pump along its curve.
let miningCatalogue = """
    industry mining

    machine conveyor_belt_1  cycle 120  swing 0.20
      speed               speed        m/s   0.5     3   1.8   0.02  speed  lag 4  reach 0.5
      motor_temp          temperature  °C     40    95    65   0.3   load   lag 600  reach 0.8  drift 0.2
      motor_current       current      A      50   200   120   3     load   reach 0.8
      vibration           vibration    mm/s  0.5    15   2.5   0.3   load   lag 2  reach 0.25

    machine crusher_1  cycle 30  swing 0.30
      motor_power         power        kW    200   800   450   15    load   reach 0.8
      bearing_temp        temperature  °C     35   105    70   0.4   load   lag 900  reach 0.7  drift 0.3
      oil_pressure        pressure     bar     2     8     5   0.15  -load  lag 8  reach 0.3
      vibration_x         vibration    mm/s    1    25     5   0.5   load   lag 2  reach 0.3
      vibration_y         vibration    mm/s    1    25   4.8   0.5   load   lag 2  reach 0.28

    machine vent_fan_1  cycle 300  swing 0.25
      speed               speed        RPM   500  1800  1200   20    speed  reach 0.7
      power               power        kW     30   150    75   3     cube   reach 0.8
      vibration           vibration    mm/s  0.5    12     2   0.2   speed  reach 0.2
      motor_temp          temperature  °C     35    85    55   0.3   cube   lag 480  reach 0.8  drift 0.2

    machine pump_1  cycle 180  swing 0.25
      flow                flow         LPM   500  3000  1800   50    load   reach 0.8
      discharge_pressure  pressure     bar     3    12   7.5   0.25  -load  reach 0.4
      motor_current       current      A      80   250   150   5     load   reach 0.7
      bearing_temp        temperature  °C     40    95    60   0.3   load   lag 720  reach 0.7  drift 0.2
    """
