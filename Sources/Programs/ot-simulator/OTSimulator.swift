import SimulatorApp

/// The simulated plant as a program.
@main
struct OTSimulator {
    static func main() async {
        await SimulatorProgram.main()
    }
}
