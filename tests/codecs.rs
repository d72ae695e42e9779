//! The codecs against bytes that others wrote, against each other, against limits, and against bytes that nobody should write.

#[path = "in_memory/add.rs"]
mod add;
#[path = "codecs/binary.rs"]
mod binary;
#[path = "in_memory/buffer.rs"]
mod buffer;
#[path = "codecs/compact.rs"]
mod compact;
#[path = "codecs/conversation.rs"]
mod conversation;
#[path = "codecs/depth.rs"]
mod depth;
#[path = "codecs/drops.rs"]
mod drops;
#[path = "codecs/golden.rs"]
mod golden;
#[path = "codecs/json.rs"]
mod json;
#[path = "codecs/limits.rs"]
mod limits;
#[path = "codecs/memory.rs"]
mod memory;
#[path = "in_memory/nowhere.rs"]
mod nowhere;
#[path = "codecs/one.rs"]
mod one;
#[path = "codecs/order.rs"]
mod order;
#[path = "codecs/properties.rs"]
mod properties;
#[path = "codecs/sample.rs"]
mod sample;
