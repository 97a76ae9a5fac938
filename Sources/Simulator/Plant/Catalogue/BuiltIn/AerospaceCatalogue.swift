/// An aircraft in flight: surfaces, engine, hydraulics, gear, cabin, fuel.
let aerospaceCatalogue = """
    industry aerospace

    machine flight_controls  cycle 60  swing 0.4  shift 0
      =aileron_position_left   position  deg  -25  25  0  0.5  swing  reach 0.6
      =aileron_position_right  position  deg  -25  25  0  0.5  -swing  reach 0.6
      =elevator_position       position  deg  -30  20  0  0.5  swing  phase 0.2  reach 0.5
      =rudder_position         position  deg  -35  35  0  0.6  swing  phase 0.4  reach 0.4
      =flap_position           position  deg    0  40  0  0.4  setpoint  lag 8  reach 0.7

    machine engine_1  cycle 600  swing 0.3  shift 0.2
      bearing 8 15.08 65  rpm 8500
      n1_rpm        speed        RPM       0   12000    8500    50  speed  reach 0.7
      n2_rpm        speed        RPM       0   16000   11500    70  speed  reach 0.7
      egt           temperature  °C      200     900     650   1.5  load  lag 20  reach 0.75
      fuel_flow     flow         kg/h    100   12000    6000   100  load  reach 0.8
      oil_pressure  pressure     PSI      25      90      60     2  -load  lag 8  reach 0.3
      oil_temp      temperature  °C       70     120      95  0.33  load  lag 720  reach 0.7  drift 0.2
      vibration     vibration    mm/s    0.5      15     3.5   0.4  load  lag 2  reach 0.25
      cycles_count  count        cycles    0  100000  0.0004     0  total  start 6120

    machine hydraulic  cycle 300  swing 0.25  shift 0
      system_a_pressure  pressure     PSI  2800  3200  3000   16  -load  lag 4  reach 0.6
      system_b_pressure  pressure     PSI  2800  3200  3000   16  -load  lag 5  reach 0.6
      fluid_temp         temperature  °C     40    90    65  0.3  load  lag 660  reach 0.7  drift 0.2
      reservoir_level    level        %      40   100    85    1  -load  lag 600  reach 0.6

    machine landing_gear  cycle 7200  swing 0.2  shift 0
      nose_position     position  %  0  100  0  1  batch  lag 8  reach 0.95
      left_position     position  %  0  100  0  1  batch  lag 9  reach 0.95
      right_position    position  %  0  100  0  1  batch  lag 10  reach 0.95
      nose_down_locked  status    -  0    1  1  0  running

    machine cabin  cycle 5400  swing 0.2  shift 0.2
      pressure     pressure     ft   8000  12000  8000     40  batch  lag 400  reach 0.4
      temperature  temperature  °C     18     28    22  0.067  own  lag 1800  reach 0.6
      humidity     humidity     %RH    10     60    35    0.5  own  lag 3600  reach 0.6

    machine fuel  cycle 10800  swing 0.3  shift 0.2
      tank_1_quantity  level        kg    0  50000  35000  100  -fill  reach 0.85
      tank_2_quantity  level        kg    0  50000  35000  100  -fill  reach 0.85
      temperature      temperature  °C  -40     50     15  0.3  batch  lag 1800  reach 0.5
    """
