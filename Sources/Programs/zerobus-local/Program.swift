import ZerobusServer

@main
struct Program {
    static func main() async {
        await ZerobusLocalProgram.main()
    }
}
