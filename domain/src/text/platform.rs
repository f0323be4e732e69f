//! What Unicode's tables are needed for: natively by crates, in the browser by the tables it has.

#[cfg(not(target_arch = "wasm32"))]
pub(super) use native::{graphemes, nfc, nfkc};

#[cfg(target_arch = "wasm32")]
pub(super) use browser::{graphemes, nfc, nfkc};

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use unicode_normalization::UnicodeNormalization as _;
    use unicode_segmentation::UnicodeSegmentation as _;

    pub(in crate::text) fn nfc(text: &str) -> String {
        text.nfc().collect()
    }

    pub(in crate::text) fn nfkc(text: &str) -> String {
        text.nfkc().collect()
    }

    pub(in crate::text) fn graphemes(text: &str) -> Vec<String> {
        text.graphemes(true).map(str::to_owned).collect()
    }
}

#[cfg(target_arch = "wasm32")]
mod browser {
    use js_sys::{Array, JsString, Reflect};
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_namespace = Intl)]
        type Segmenter;

        #[wasm_bindgen(constructor, js_namespace = Intl, catch)]
        fn new() -> Result<Segmenter, JsValue>;

        #[wasm_bindgen(method)]
        fn segment(this: &Segmenter, text: &str) -> JsValue;
    }

    pub(in crate::text) fn nfc(text: &str) -> String {
        if text.is_ascii() { text.to_owned() } else { String::from(JsString::from(text).normalize("NFC")) }
    }

    pub(in crate::text) fn nfkc(text: &str) -> String {
        String::from(JsString::from(text).normalize("NFKC"))
    }

    /// By scalar values in a browser without a segmenter: the server has the last word.
    pub(in crate::text) fn graphemes(text: &str) -> Vec<String> {
        let Ok(segmenter) = Segmenter::new() else { return text.chars().map(String::from).collect() };
        let segment = |part| Reflect::get(&part, &"segment".into()).ok().and_then(|text| text.as_string());
        Array::from(&segmenter.segment(text)).iter().filter_map(segment).collect()
    }
}
