import WebSupport

/// The simulator's own page, built into the program: HTML, a style sheet, and one script module per section.
enum Page {
    static func add(to table: inout WebRoutes, assets: StaticFiles) {
        table.get("/") { files.answer("index.html", $0) }
        files.add(to: &table, under: "/page")
        assets.add(to: &table, under: "/assets")
    }

    private static let files: StaticFiles = {
        var files = StaticFiles()
        files.add("index.html", PackageResources.index_html)
        files.add("style.css", PackageResources.style_css)
        files.add("main.js", PackageResources.main_js)
        files.add("api.js", PackageResources.api_js)
        files.add("dom.js", PackageResources.dom_js)
        files.add("live.js", PackageResources.live_js)
        files.add("overview.js", PackageResources.overview_js)
        files.add("sensors.js", PackageResources.sensors_js)
        files.add("charts.js", PackageResources.charts_js)
        files.add("plot.js", PackageResources.plot_js)
        files.add("spectrum.js", PackageResources.spectrum_js)
        files.add("spc.js", PackageResources.spc_js)
        files.add("faults.js", PackageResources.faults_js)
        files.add("scenarios.js", PackageResources.scenarios_js)
        files.add("tables.js", PackageResources.tables_js)
        return files
    }()

    /// The description of the REST interface (OpenAPI 3.1), which a test compares with the routes.
    static var openAPI: [UInt8] { PackageResources.openapi_json }
}
