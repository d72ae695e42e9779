//! What a message may hold. Every codec and transport reads these, and nothing else decides how much is too much.

/// Limits on the values of one message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes in an unframed message, in an HTTP body, and in a message after inflation. Default 16,384,000 (raise it to
    /// 104,857,600 for what Apache's libraries accept), at most 1 GiB.
    pub message_max: usize,
    /// Bytes in one string or binary. Default 16,384,000.
    pub string_max: usize,
    /// Elements in one list, set or map. Default 1,000,000.
    pub container_max: usize,
    /// Structs and containers inside one another, on reading, writing and skipping. Default 64, at most 256.
    pub depth_max: usize,
    /// Bytes in the name of a method; twice that with the name of a service before it. Default 256, at most 64 KiB.
    pub method_max: usize,
    /// Refuse the binary header without a version that clients wrote before 2010. Default false.
    pub strict_binary: bool,
    /// Refuse bytes behind the end of a delimited message instead of ignoring and counting them. Default false.
    pub strict_trailing: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_max: 16_384_000,
            string_max: 16_384_000,
            container_max: 1_000_000,
            depth_max: 64,
            method_max: 256,
            strict_binary: false,
            strict_trailing: false,
        }
    }
}
