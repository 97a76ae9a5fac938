import ConnectorApp

/// The connector: carries readings from industrial machines to a lakehouse.
@main
struct Penstock {
    static func main() async {
        await PenstockProgram.main()
    }
}
