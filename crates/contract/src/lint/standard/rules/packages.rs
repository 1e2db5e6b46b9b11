//! Rules about packages, folders and file options.

use crate::lint::rule::Rule;

const TOGETHER: &str =
    "Generators put a package's code into one place by its folder; what is scattered, some lose.";
const OPTIONS: &str = "Generated code of one package would be in two places, of which each knows half.";

/// Two files of one package, which differ in an option.
macro_rules! differs {
    ($option:literal, $one:literal, $other:literal) => {
        concat!(
            "// file: shop/till/v1/till.proto\nsyntax = \"proto3\";\npackage shop.till.v1;\noption ",
            $option,
            " = ",
            $one,
            ";\n// file: shop/till/v1/drawer.proto\nsyntax = \"proto3\";\npackage shop.till.v1;\noption ",
            $option,
            " = ",
            $other,
            ";"
        )
    };
}

macro_rules! same_option {
    ($id:literal, $buf:literal, $option:literal, $one:literal, $other:literal) => {
        Rule::standard($id, $buf, concat!("The files of a package say the same `", $option, "`"), OPTIONS)
            .shown_by(differs!($option, $one, $other), differs!($option, $one, $one))
    };
}

pub(super) const RULES: &[Rule] = &[
    Rule::standard("package-defined", "PACKAGE_DEFINED", "Every file has a package", "Names without one clash with everybody's.")
        .shown_by(
            "// file: till.proto\nsyntax = \"proto3\";\nmessage Drawer {}",
            "// file: shop/till/v1/till.proto\nsyntax = \"proto3\";\npackage shop.till.v1;\nmessage Drawer {}",
        ),
    Rule::standard(
        "package-lower-snake-case",
        "PACKAGE_LOWER_SNAKE_CASE",
        "Packages are in lower_snake.case",
        "Languages make modules and folders of them, on file systems that do not tell cases apart.",
    )
    .shown_by(
        "// file: shop/cashDesk/v1/till.proto\nsyntax = \"proto3\";\npackage shop.cashDesk.v1;",
        "// file: shop/cash_desk/v1/till.proto\nsyntax = \"proto3\";\npackage shop.cash_desk.v1;",
    ),
    Rule::standard(
        "package-version-suffix",
        "PACKAGE_VERSION_SUFFIX",
        "A package ends with a version",
        "What breaks callers gets a package of its own, which stands beside the old one until nobody calls that any \
         more. The mesh reads from it how firmly methods are promised.",
    )
    .shown_by(
        "// file: shop/till/till.proto\nsyntax = \"proto3\";\npackage shop.till;",
        "// file: shop/till/v1/till.proto\nsyntax = \"proto3\";\npackage shop.till.v1;",
    ),
    Rule::standard(
        "package-directory-match",
        "PACKAGE_DIRECTORY_MATCH",
        "A file is in the folder that its package names",
        "Whoever reads an import knows the package, and the other way round.",
    )
    .shown_by(
        "// file: protos/till.proto\nsyntax = \"proto3\";\npackage shop.till.v1;",
        "// file: shop/till/v1/till.proto\nsyntax = \"proto3\";\npackage shop.till.v1;",
    ),
    Rule::standard("package-same-directory", "PACKAGE_SAME_DIRECTORY", "A package is in one folder", TOGETHER).shown_by(
        "// file: shop/till/v1/till.proto\nsyntax = \"proto3\";\npackage shop.till.v1;\n// file: shop/drawer.proto\nsyntax = \"proto3\";\npackage shop.till.v1;",
        "// file: shop/till/v1/till.proto\nsyntax = \"proto3\";\npackage shop.till.v1;\n// file: shop/till/v1/drawer.proto\nsyntax = \"proto3\";\npackage shop.till.v1;",
    ),
    Rule::standard("directory-same-package", "DIRECTORY_SAME_PACKAGE", "A folder holds one package", TOGETHER).shown_by(
        "// file: shop/till/v1/till.proto\nsyntax = \"proto3\";\npackage shop.till.v1;\n// file: shop/till/v1/drawer.proto\nsyntax = \"proto3\";\npackage shop.drawer.v1;",
        "// file: shop/till/v1/till.proto\nsyntax = \"proto3\";\npackage shop.till.v1;\n// file: shop/drawer/v1/drawer.proto\nsyntax = \"proto3\";\npackage shop.drawer.v1;",
    ),
    Rule::standard(
        "package-no-import-cycle",
        "PACKAGE_NO_IMPORT_CYCLE",
        "Packages do not import each other",
        "Protobuf forbids it of files only; in Go, and in Rust's crates, packages must not either.",
    )
    .shown_by(
        "// file: a/v1/a.proto\nsyntax = \"proto3\";\npackage a.v1;\nimport \"b/v1/b.proto\";\nmessage A { b.v1.B b = 1; }\n// file: b/v1/b.proto\nsyntax = \"proto3\";\npackage b.v1;\nmessage B {}\n// file: b/v1/c.proto\nsyntax = \"proto3\";\npackage b.v1;\nimport \"a/v1/a.proto\";\nmessage C { a.v1.A a = 1; }",
        "// file: a/v1/a.proto\nsyntax = \"proto3\";\npackage a.v1;\nimport \"b/v1/b.proto\";\nmessage A { b.v1.B b = 1; }\n// file: b/v1/b.proto\nsyntax = \"proto3\";\npackage b.v1;\nmessage B {}",
    ),
    same_option!("package-same-csharp-namespace", "PACKAGE_SAME_CSHARP_NAMESPACE", "csharp_namespace", "\"Shop.Till.V1\"", "\"Shop.Drawer.V1\""),
    same_option!("package-same-go-package", "PACKAGE_SAME_GO_PACKAGE", "go_package", "\"shop.example/till/v1;tillv1\"", "\"shop.example/drawer/v1;drawerv1\""),
    same_option!("package-same-java-multiple-files", "PACKAGE_SAME_JAVA_MULTIPLE_FILES", "java_multiple_files", "true", "false"),
    same_option!("package-same-java-package", "PACKAGE_SAME_JAVA_PACKAGE", "java_package", "\"example.shop.till.v1\"", "\"example.shop.drawer.v1\""),
    same_option!("package-same-php-namespace", "PACKAGE_SAME_PHP_NAMESPACE", "php_namespace", "\"Shop\\\\Till\\\\V1\"", "\"Shop\\\\Drawer\\\\V1\""),
    same_option!("package-same-ruby-package", "PACKAGE_SAME_RUBY_PACKAGE", "ruby_package", "\"Shop::Till::V1\"", "\"Shop::Drawer::V1\""),
    same_option!("package-same-swift-prefix", "PACKAGE_SAME_SWIFT_PREFIX", "swift_prefix", "\"STX\"", "\"SDX\""),
];
