//! Prints the description of the API, as `docs/schema/openapi.json` keeps it.

fn main() {
    print!("{}", stance_server::openapi());
}
