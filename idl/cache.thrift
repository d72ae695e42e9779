/** A cache of text by key, bounded by bytes. */
namespace py cache
namespace rs cache
namespace java cache
namespace go cache
namespace cpp cache

/** There is no value under this key: it was never put, was removed, or was evicted. */
exception KeyNotFound {
  1: string key
}

service Cache {
  /**
   * Keeps `value` under `key`, in place of what was there. True when it was kept; false when it alone is larger than the
   * cache. The server answers to the wire name `set` too, which Apache's compiler refuses because it is a reserved word.
   */
  bool put(1: string key, 2: string (farthing.shared = "true") value) (farthing.alias = "set")

  /** The value under `key`. */
  string (farthing.shared = "true") get(1: string key) throws (1: KeyNotFound missing)

  /** Forgets `key`. True when there was something to forget. */
  bool remove(1: string key)
}
