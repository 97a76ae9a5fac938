/// Upstream and midstream: well, separation, tank farm, pipeline.
let oilGasCatalogue = """
    industry oil_gas

    machine pipeline_1  cycle 3600  swing 0.3
      flow          flow         BBL/day  5000  25000  15000   500  load  reach 0.8
      pressure      pressure     PSI       800   1500   1200    20  load  lag 30  reach 0.6
      temperature   temperature  °C         10     45     28  0.15  air  lag 3600  reach 0.6
      density       level        kg/m³     780    950    850   1.7  own  lag 7200  reach 0.6
      total_volume  volume       BBL         0    1e9  0.174     0  total  start 1250000

    machine pump_station_1  cycle 900  swing 0.25
      bearing 16 22.2 140  rpm 1780
      suction_pressure    pressure     PSI        50    200    120     5  -load  lag 10  reach 0.5
      discharge_pressure  pressure     PSI      1000   1600   1300    24  -load  lag 2  reach 0.4
      flow                flow         BBL/day  8000  30000  18000   600  load  reach 0.8
      motor_power         power        kW        500   1500   1000    30  load  reach 0.8
      bearing_temp        temperature  °C         45     95     65  0.33  load  lag 480  reach 0.7  drift 0.2
      seal_pressure       pressure     PSI        15     45     30   1.2  load  lag 20  reach 0.5
      vibration           vibration    mm/s        1     20    4.5   0.5  load  lag 2  reach 0.25
      motor_current       current      A          55    165    110     3  load  reach 0.8
      running             status       -           0      1      1     0  running

    machine separator_1  cycle 600  swing 0.3
      pressure     pressure     PSI       100    400   250    8  load  lag 10  reach 0.5
      temperature  temperature  °C         30     80    55  0.3  load  lag 660  reach 0.7  drift 0.2
      level        level        %          20     80    50    2  load  lag 400  reach 0.85
      gas_flow     flow         MMSCFD      1     15     8  0.3  load  lag 20  reach 0.6
      oil_flow     flow         BBL/day  2000  12000  7000  250  load  reach 0.8
      water_flow   flow         BBL/day   500   4000  2000  100  load  reach 0.8

    machine tank_1  cycle 7200  swing 0.4
      level        level        %    10     95     65  0.85  fill  reach 0.85
      temperature  temperature  °C   15     40     25  0.15  air  lag 5400  reach 0.6
      pressure     pressure     PSI   0      5    1.5   0.1  load  lag 10  reach 0.5
      volume       level        BBL   0  50000  32500   500  fill  reach 0.85

    machine well_1  cycle 5400  swing 0.2
      pressure       pressure     PSI      500  3000  1800    50  load  lag 10  reach 0.5
      temperature    temperature  °C        40    90    65   0.3  load  lag 900  reach 0.7  drift 0.2
      flow           flow         BBL/day  100  5000  2500   100  load  reach 0.8
      gas_oil_ratio  level        SCF/BBL  200  2000   800    18  own  lag 7200  reach 0.5
      water_cut      level        %          5    70    25  0.65  own  lag 7200  reach 0.5
    """
