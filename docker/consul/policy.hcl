# What a program needs whose URL has no prefix (consul://host:port): its keys, and sessions to hold them with.
key_prefix "coordination/" {
  policy = "write"
}
session_prefix "" {
  policy = "write"
}
