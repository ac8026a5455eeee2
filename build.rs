fn main() {
    // sqlx embeds the migrations at compile time and does not watch the folder itself.
    println!("cargo:rerun-if-changed=migrations");
}
