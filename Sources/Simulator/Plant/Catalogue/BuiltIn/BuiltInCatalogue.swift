extension Catalogue {
    /// The catalogue that the simulator brings along.
    package static func builtIn() throws(CatalogueError) -> Catalogue {
        var catalogue = Catalogue(industries: [])
        for industry in builtInTexts { try catalogue.add(industry.text, file: industry.name) }
        return catalogue
    }

    /// The texts that it is made of, one per industry: a pattern for files of one's own.
    package static let builtInTexts: [(name: String, text: String)] = [
        ("mining", miningCatalogue), ("utilities", utilitiesCatalogue), ("manufacturing", manufacturingCatalogue),
        ("oil_gas", oilGasCatalogue), ("aerospace", aerospaceCatalogue), ("space", spaceCatalogue),
        ("water_wastewater", waterWastewaterCatalogue), ("electric_power", electricPowerCatalogue),
        ("automotive", automotiveCatalogue), ("chemical", chemicalCatalogue),
        ("food_beverage", foodBeverageCatalogue), ("pharmaceutical", pharmaceuticalCatalogue),
        ("data_center", dataCenterCatalogue), ("smart_building", smartBuildingCatalogue),
        ("agriculture", agricultureCatalogue), ("renewable_energy", renewableEnergyCatalogue),
    ]
}
