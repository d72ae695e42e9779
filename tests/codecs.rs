//! The codecs against bytes that others wrote, against each other, against limits, and against bytes that nobody should write.

#[path = "codecs/conversation.rs"]
mod conversation;
#[path = "codecs/golden.rs"]
mod golden;
#[path = "codecs/limits.rs"]
mod limits;
#[path = "codecs/memory.rs"]
mod memory;
#[path = "codecs/properties.rs"]
mod properties;
#[path = "codecs/sample.rs"]
mod sample;
#[path = "codecs/vectors.rs"]
mod vectors;
