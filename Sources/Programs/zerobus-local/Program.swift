import ZerobusServer

@main
struct Program {
    static func main() async {
        await ZerobusLocal.runProgram()
    }
}
