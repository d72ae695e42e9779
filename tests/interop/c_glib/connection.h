/* What client and server have in common: arguments. */
#pragma once

#include <string.h>

#include <glib.h>

/* `--name=value`, or "yes" for a name without a value; NULL where it is not given. */
static inline const char *
option (int count, char **words, const char *name)
{
  for (int index = 1; index < count; ++index) {
    size_t length = strlen (name);
    if (strncmp (words[index], "--", 2) != 0 || strncmp (words[index] + 2, name, length) != 0) continue;
    if (words[index][2 + length] == '=') return words[index] + 3 + length;
    if (words[index][2 + length] == '\0') return "yes";
  }
  return NULL;
}

static inline gboolean
is_multiplexed (int count, char **words)
{
  return g_str_has_prefix (option (count, words, "protocol"), "multi");
}

static inline gboolean
is_compact (int count, char **words)
{
  const char *codec = option (count, words, "protocol");
  return strcmp (codec, "compact") == 0 || strcmp (codec, "multic") == 0;
}
