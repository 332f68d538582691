//! temporary stand-in

/// err
#[derive(Debug)]
pub struct DnError;

/// canonical
pub fn canonical(text: &str, out: &mut Vec<u8>) -> Result<(), DnError> {
    out.clear();
    out.extend_from_slice(text.to_lowercase().replace("\\#", "#").as_bytes());
    Ok(())
}

/// first
pub fn first_value(text: &str) -> Option<String> {
    text.split_once('=')?.1.split(',').next().map(|s| s.replace('\\', ""))
}
