import CommandSupport

/// The program `ot-simulator`.
package enum SimulatorProgram {
    /// Runs until the command is done; ends the process with a status other than 0 on an error.
    package static func main() async {
        await SimulatorCommand.runProgram()
    }
}
