/// A combined-cycle power station.
let electricPowerCatalogue = """
    industry electric_power

    machine gt_1  cycle 900  swing 0.2
      bearing 16 22.2 140  rpm 3000
      speed                speed        RPM   2950  3050  3000     4  -load  lag 4  reach 0.6
      power_output         power        MW     100   300   200     5  load  reach 0.8
      exhaust_temp         temperature  °C     400   600   500   1.3  load  lag 60  reach 0.7
      fuel_flow            flow         kg/s     5    20    12   0.5  load  reach 0.8
      compressor_pressure  pressure     bar     15    25    20   0.4  load  lag 10  reach 0.5
      vibration            vibration    mm/s   0.5    20     4   0.5  load  lag 2  reach 0.25
      generator_current    current      kA       4    13   8.6  0.15  load  reach 0.8
      bearing_temp         temperature  °C      50   105    78   0.3  load  lag 780  reach 0.7  drift 0.2
      running              status       -        0     1     1     0  running

    machine st_1  cycle 1800  swing 0.2
      bearing 16 22.2 140  rpm 3000
      speed              speed        RPM   2950  3050  3000    4  -load  lag 4  reach 0.6
      power_output       power        MW     150   450   300    8  load  reach 0.8
      steam_pressure     pressure     bar    100   180   140    3  load  lag 10  reach 0.5
      steam_temp         temperature  °C     500   560   530  0.4  load  lag 240  reach 0.6
      condenser_vacuum   pressure     kPa      5    15    10  0.4  load  lag 10  reach 0.5
      generator_current  current      kA       6    19  12.7  0.2  load  reach 0.8
      bearing_temp       temperature  °C      50   105    76  0.3  load  lag 840  reach 0.7  drift 0.2
      vibration          vibration    mm/s   0.5    15     3  0.3  load  lag 2  reach 0.25

    machine gen_1  cycle 900  swing 0.2
      bearing 16 22.2 140  rpm 3000
      voltage       voltage      kV     12    15    13.8   0.12  -load  lag 2  reach 0.4
      current       current      kA      5    20      12    0.5  load  reach 0.8
      power_factor  level        PF    0.8     1    0.95  0.002  own  lag 1800  reach 0.6
      frequency     speed        Hz   59.9  60.1      60  0.002  own  lag 60  reach 0.6
      stator_temp   temperature  °C     60   120      85    0.4  load  lag 720  reach 0.7  drift 0.2
      bearing_temp  temperature  °C     50    95      70    0.3  load  lag 840  reach 0.7  drift 0.2
      power         power        MW     90   460     280      5  load  reach 0.8
      energy        energy       MWh     0   1e9  0.0778      0  total  start 2731000

    machine transformer_1  cycle 3600  swing 0.2  air 0.2
      oil_temp           temperature  °C     50       90      70  0.27  load  lag 780  reach 0.7  drift 0.2
      winding_temp       temperature  °C     60      110      80  0.33  load  lag 480  reach 0.7  drift 0.2
      load               power        MVA    50      500     300    10  load  reach 0.8
      tap_changer_count  count        steps   0  1000000  0.0005     0  total  start 20412

    machine cooling_tower_1  cycle 1800  swing 0.2  air 0.5
      bearing 8 15.08 65  rpm 400
      water_temp  temperature  °C   15   35   25  0.13  air  lag 2400  reach 0.6
      fan_speed   speed        RPM   0  600  400    10  speed  reach 0.7
      fan_power   power        kW    0  160   60     2  cube  reach 0.8

    machine circulating_pump_1  cycle 1200  swing 0.25
      bearing 16 22.2 140  rpm 595
      flow                flow         m³/h  5000  20000  12000  300  load  reach 0.8
      discharge_pressure  pressure     bar      3      8    5.5  0.2  -load  reach 0.5
      motor_power         power        kW     400   2200   1300   25  load  reach 0.8
      motor_current       current      A       45    250    148    3  load  reach 0.8
      bearing_temp        temperature  °C      35     95     60  0.3  load  lag 840  reach 0.7  drift 0.2
    """
