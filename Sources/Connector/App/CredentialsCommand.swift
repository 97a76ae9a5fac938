import ArgumentParser
import CommandSupport
import ConnectorKeys
import ConnectorVault
import FileSupport
import Foundation

/// `penstock credentials`: the vault that `${credential:name}` in the configuration is answered from.
struct CredentialsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credentials", abstract: "Keep passwords and other secrets in the vault.",
        discussion: """
            The configuration names them as ${credential:name}. The vault is sealed with the master password in \
            PENSTOCK_MASTER_PASSWORD, or in the file that PENSTOCK_MASTER_PASSWORD_FILE names; without one with the \
            data key in the state directory.
            """,
        subcommands: [
            GeneratePassword.self, Store.self, Get.self, List.self, Delete.self, Rotate.self, Import.self,
        ], defaultSubcommand: List.self)

    struct GeneratePassword: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "generate-password", abstract: "Make a random password, fit for a master password.")

        @Option(help: "Characters; each gives almost 6 bits.")
        var length = 32

        @Option(help: "Write it into this new file, for its owner only, instead of printing it.")
        var output: String?

        func validate() throws {
            guard (12...1024).contains(length) else {
                throw ValidationError("--length \(length) is out of range; 12 to 1024 is possible")
            }
        }

        func run() async throws {
            // Letters and digits that are not mistaken for each other.
            let characters = Array("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789")
            let password = String((0..<length).map { _ in characters[Int.random(in: characters.indices)] })
            guard let output else { return Console.say(password) }
            guard try WholeFile.create(output, Array((password + "\n").utf8), mode: 0o600) else {
                throw CommandError("\(output) exists; it was not changed")
            }
            Console.say("a password was written to \(output)")
        }
    }

    struct Store: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a secret into the vault; it is asked for, or read from standard input.")

        @OptionGroup var options: VaultOptions

        @Argument(help: "Its name, such as zerobus.client_secret.")
        var name: String

        func run() async throws {
            let name = try CredentialName(name)
            let vault = try options.open()
            // A wrong password is told before somebody types a secret.
            let isNew = try vault.credentials()[name] == nil
            if !vault.exists, let password = try options.password(), password.isShort {
                Console.complain("warning: the master password has fewer than \(MasterPassword.bytesWanted) characters")
            }
            let secret = try SecretInput.read("secret for \(name)", twice: true)
            try vault.change { $0[name] = secret }
            Console.say("\(name) \(isNew ? "stored" : "replaced"); write ${credential:\(name)} where it is needed")
        }
    }

    struct Get: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say whether a credential is there; with --reveal print it.")

        @OptionGroup var options: VaultOptions

        @Argument(help: "Its name.")
        var name: String

        @Flag(help: "Print the secret itself.")
        var reveal = false

        func run() async throws {
            let name = try CredentialName(name)
            let vault = try options.open()
            guard let secret = try vault.credentials()[name] else { throw CredentialsCommand.unknown(name, in: vault) }
            Console.say(reveal ? secret : "\(name): ***, --reveal prints it")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the names of what is in the vault.")

        @OptionGroup var options: VaultOptions

        func run() async throws {
            let vault = try options.open()
            for name in try vault.credentials().keys.sorted() { Console.say(name.text) }
            if !vault.exists { Console.complain("there is no vault at \(vault.path) yet") }
        }
    }

    struct Delete: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take credentials out of the vault.")

        @OptionGroup var options: VaultOptions

        @Argument(help: "Their names.")
        var names: [String]

        func run() async throws {
            let vault = try options.open()
            let names = try names.map(CredentialName.init)
            let known = try vault.credentials()
            if let missing = names.first(where: { known[$0] == nil }) {
                throw CredentialsCommand.unknown(missing, in: vault)
            }
            try vault.change { values in for name in names { values[name] = nil } }
            for name in names { Console.say("\(name) deleted") }
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change the master password, and make a new data key.",
            discussion: """
                The new password is asked for, or read from standard input or a file; the one in use stays in the \
                environment until it is done. If it is interrupted, call it again with the same passwords. Old data \
                keys stay in the key ring: what they sealed can still be read.
                """)

        @OptionGroup var options: VaultOptions

        @Option(help: "A file that holds the new master password.")
        var newPasswordFile: String?

        @Flag(help: "Make a new data key and keep the password, or go on without one.")
        var keepPassword = false

        func validate() throws {
            if keepPassword, newPasswordFile != nil {
                throw ValidationError("--keep-password and --new-password-file exclude each other")
            }
        }

        func run() async throws {
            let vault = try options.open()
            let new: MasterPassword?
            if let newPasswordFile {
                new = try MasterPassword.read(newPasswordFile)
            } else {
                new = keepPassword ? nil : try MasterPassword(SecretInput.read("new master password", twice: true))
            }
            if new?.isShort == true {
                Console.complain("warning: the master password has fewer than \(MasterPassword.bytesWanted) characters")
            }
            try vault.rotate(to: new)
            Console.say("there is a new data key; a running penstock uses it from its next start on")
            if new != nil {
                Console.say(
                    "vault and keys are sealed with the new master password: set \(MasterPassword.variables[0]) to it")
            }
        }
    }

    fileprivate static func unknown(_ name: CredentialName, in vault: Vault) -> CommandError {
        CommandError("there is no credential '\(name)' in \(vault.path); `penstock credentials list` shows all")
    }
}
