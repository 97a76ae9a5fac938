/// A satellite in low orbit: 93 minutes of sun and shade.
let spaceCatalogue = """
    industry space

    machine reaction_wheel  cycle 5400  swing 0.4  shift 0
      1_speed  speed  RPM  -6000  6000  0  50  swing  reach 0.7
      2_speed  speed  RPM  -6000  6000  0  50  swing  phase 0.33  reach 0.7
      3_speed  speed  RPM  -6000  6000  0  50  swing  phase 0.66  reach 0.7

    machine gyroscope  cycle 600  swing 0.2  shift 0
      x  position  deg/s  -10  10  0  0.1  own  lag 120  reach 0.2
      y  position  deg/s  -10  10  0  0.1  own  lag 150  reach 0.2
      z  position  deg/s  -10  10  0  0.1  own  lag 180  reach 0.2

    machine solar_array_1  cycle 5580  swing 0.8  shift 0
      voltage  voltage  V  28    35   32  0.28  -load  lag 20  reach 0.5
      current  current  A   0    30   20     1  load  reach 0.8
      power    power    W   0  1050  640    15  load  reach 0.8

    machine battery  cycle 5580  swing 0.6  shift 0
      voltage          voltage      V        28      34       32  0.06  swing  phase 0.75  reach 0.7
      current          current      A       -20      20        5   0.4  swing  reach 0.8
      temperature      temperature  °C      -10      30       15  0.15  swing  phase 0.9  reach 0.5
      state_of_charge  level        %        20     100       85   0.5  swing  phase 0.75  reach 0.7
      cycles_count     count        cycles    0  100000  0.00018     0  total  start 11340

    machine thermal  cycle 5580  swing 0.6  shift 0
      =radiator_temp_1       temperature  °C  -150  150  20  0.75  batch  lag 500  reach 0.7
      =radiator_temp_2       temperature  °C  -150  150  20  0.75  -batch  lag 500  reach 0.7
      =electronics_bay_temp  temperature  °C     5   35  20  0.15  load  lag 1500  reach 0.6

    machine propellant  cycle 43200  swing 0.3  shift 0
      tank_temp      temperature  °C   -20   40   15  0.3  own  lag 5400  reach 0.5
      tank_pressure  pressure     PSI  200  350  280  1.5  own  lag 5400  reach 0.6
      mass           level        kg     0  500  350    1  -fill  reach 0.6

    machine thruster  cycle 2700  swing 0.5  shift 0
      temp    temperature  °C  20  400  100  1.5  load  lag 480  reach 0.7  drift 2.0
      firing  status       -    0    1    0    0  running

    machine transmitter  cycle 5580  swing 0.5  shift 0
      power    power        W    0  100   50     2  load  reach 0.8
      current  current      A    0  4.2  2.1  0.08  load  reach 0.8
      temp     temperature  °C  -5   65   30   0.3  load  lag 420  reach 0.6
    """
