/* The cross-test's calls through Apache's C (GLib) library. Exit code 1 where an answer is wrong. */

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <thrift/c_glib/thrift.h>
#include <thrift/c_glib/protocol/thrift_binary_protocol.h>
#include <thrift/c_glib/protocol/thrift_compact_protocol.h>
#include <thrift/c_glib/protocol/thrift_multiplexed_protocol.h>
#include <thrift/c_glib/thrift_application_exception.h>
#include <thrift/c_glib/transport/thrift_buffered_transport.h>
#include <thrift/c_glib/transport/thrift_framed_transport.h>
#include <thrift/c_glib/transport/thrift_ssl_socket.h>

#include "conformance_second_service.h"
#include "conformance_thrift_test.h"
#include "connection.h"

typedef conformanceThriftTestIf Client;
#define CALL(method, ...) conformance_thrift_test_if_test_##method (client, __VA_ARGS__, &error)

static int made = 0, failed = 0;
static GError *error = NULL;

/* Counts a check, and forgets the error of the call before it. */
static void
check (const char *what, gboolean good)
{
  ++made;
  if (!good) {
    ++failed;
    printf ("FAIL %s%s%s\n", what, error ? ": " : "", error ? error->message : "");
  }
  g_clear_error (&error);
}

/* `largest`: of a text or binary, in bytes. */
static void
check_texts (Client *client, guint largest)
{
  check ("testVoid", conformance_thrift_test_if_test_void (client, &error));
  char *many = g_strnfill (MIN (20000, largest), 'x');
  const char *texts[] = { "", "Test", "quote \" back\\slash / \b\f\r\n\t \x01\x1f\x7f", "Ünïcödé 漢字 العربية 😀", many };
  for (size_t index = 0; index < G_N_ELEMENTS (texts); ++index) {
    gchar *got = NULL;
    check ("testString", CALL (string, &got, texts[index]) && g_strcmp0 (got, texts[index]) == 0);
    g_free (got);
  }
  g_free (many);
  const guint sizes[] = { 0, 1, 2, 4, 16, 255, 256, 4096, 65536, 131072 };
  for (size_t index = 0; index < G_N_ELEMENTS (sizes) && sizes[index] <= largest; ++index) {
    GByteArray *value = g_byte_array_new (), *got = NULL;
    g_byte_array_set_size (value, sizes[index]);
    for (guint byte = 0; byte < sizes[index]; ++byte) value->data[byte] = (guint8) (byte * 7);
    gboolean good = CALL (binary, &got, value) && got && got->len == value->len;
    check ("testBinary", good && (value->len == 0 || memcmp (got->data, value->data, value->len) == 0));
    g_byte_array_unref (value);
    if (got) g_byte_array_unref (got);
  }
}

static void
check_numbers (Client *client)
{
  for (gboolean value = FALSE; value <= TRUE; ++value) {
    gboolean got = !value;
    check ("testBool", CALL (bool, &got, value) && got == value);
  }
  const gint32 small[] = { 0, 1, -1, G_MAXINT8, G_MININT8, G_MAXINT32, G_MININT32 };
  for (size_t index = 0; index < G_N_ELEMENTS (small); ++index) {
    gint32 got = 7;
    gint8 byte = 7;
    check ("testI32", CALL (i32, &got, small[index]) && got == small[index]);
    check ("testByte", CALL (byte, &byte, (gint8) small[index]) && byte == (gint8) small[index]);
  }
  const gint64 wide[] = { 0, -1, -34359738368, 9007199254740993, G_MAXINT64, G_MININT64 };
  for (size_t index = 0; index < G_N_ELEMENTS (wide); ++index) {
    gint64 got = 7, id = 7;
    check ("testI64", CALL (i64, &got, wide[index]) && got == wide[index]);
    check ("testTypedef", CALL (typedef, &id, wide[index]) && id == wide[index]);
  }
  const gdouble doubles[] = { 0.0, -0.0, 5.325098235, -5.325098235, 1e300, 5e-324, G_MAXDOUBLE, INFINITY, -INFINITY, NAN };
  for (size_t index = 0; index < G_N_ELEMENTS (doubles); ++index) {
    gdouble got = 7;
    check ("testDouble", CALL (double, &got, doubles[index]) && memcmp (&got, &doubles[index], sizeof got) == 0);
  }
  const int numbers[] = { CONFORMANCE_NUMBERZ_ONE, CONFORMANCE_NUMBERZ_TWO, CONFORMANCE_NUMBERZ_EIGHT, 77 };
  for (size_t index = 0; index < G_N_ELEMENTS (numbers); ++index) {
    conformanceNumberz got = 0;
    check ("testEnum", CALL (enum, &got, numbers[index]) && (int) got == numbers[index]);
  }
}

static conformanceXtruct *
xtruct (const char *text, gint byte, gint i32, gint64 i64)
{
  return g_object_new (CONFORMANCE_TYPE_XTRUCT, "string_thing", text, "byte_thing", byte, "i32_thing", i32, "i64_thing", i64, NULL);
}

static gboolean
is_xtruct (const conformanceXtruct *got, const char *text, gint byte, gint i32, gint64 i64)
{
  return got && g_strcmp0 (got->string_thing, text) == 0 && got->byte_thing == byte && got->i32_thing == i32 && got->i64_thing == i64;
}

static gint32 *
boxed (gint32 value)
{
  return g_memdup2 (&value, sizeof value);
}

static void
check_insanity (Client *client)
{
  conformanceInsanity *insanity = g_object_new (CONFORMANCE_TYPE_INSANITY, NULL);
  gint64 five = 5;
  insanity->__isset_userMap = insanity->__isset_xtructs = TRUE;
  g_hash_table_insert (insanity->userMap, GINT_TO_POINTER (CONFORMANCE_NUMBERZ_FIVE), g_memdup2 (&five, sizeof five));
  g_ptr_array_add (insanity->xtructs, xtruct ("Goodbye4", 4, 4, 4));
  g_ptr_array_add (insanity->xtructs, xtruct ("Hello2", 2, 2, 2));
  GHashTable *got = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, (GDestroyNotify) g_hash_table_unref);
  check ("testInsanity", CALL (insanity, &got, insanity));
  gint64 one = 1, two = 2;
  GHashTable *first = g_hash_table_lookup (got, &one), *second = g_hash_table_lookup (got, &two);
  check ("testInsanity maps", first && second && g_hash_table_size (first) == 2 && g_hash_table_size (second) == 1);
  conformanceInsanity *same = first ? g_hash_table_lookup (first, GINT_TO_POINTER (CONFORMANCE_NUMBERZ_THREE)) : NULL;
  gint64 *id = same ? g_hash_table_lookup (same->userMap, GINT_TO_POINTER (CONFORMANCE_NUMBERZ_FIVE)) : NULL;
  check ("testInsanity user", id && *id == 5);
  gboolean both = same && same->xtructs->len == 2;
  check ("testInsanity struct", both && is_xtruct (g_ptr_array_index (same->xtructs, 1), "Hello2", 2, 2, 2));
  g_hash_table_unref (got);
  g_object_unref (insanity);
}

static void
check_structs (Client *client)
{
  conformanceXtruct *thing = xtruct ("Zero", 1, -3, -5), *got = g_object_new (CONFORMANCE_TYPE_XTRUCT, NULL);
  check ("testStruct", CALL (struct, &got, thing) && is_xtruct (got, "Zero", 1, -3, -5));
  g_object_unref (got);
  conformanceXtruct2 *nested = g_object_new (CONFORMANCE_TYPE_XTRUCT2, "byte_thing", 1, "struct_thing", thing, "i32_thing", 5, NULL);
  conformanceXtruct2 *back = g_object_new (CONFORMANCE_TYPE_XTRUCT2, NULL);
  gboolean good = CALL (nest, &back, nested) && back->byte_thing == 1 && back->i32_thing == 5;
  check ("testNest", good && is_xtruct (back->struct_thing, "Zero", 1, -3, -5));
  g_object_unref (back);
  g_object_unref (nested);
  g_object_unref (thing);
  GHashTable *texts = g_hash_table_new (NULL, NULL);
  got = g_object_new (CONFORMANCE_TYPE_XTRUCT, NULL);
  good = CALL (multi, &got, 74, 0xFF00FF, G_GINT64_CONSTANT (0xFF00FF00FF), texts, CONFORMANCE_NUMBERZ_FIVE, 0xF0F0F0);
  check ("testMulti", good && is_xtruct (got, "Hello2", 74, 0xFF00FF, G_GINT64_CONSTANT (0xFF00FF00FF)));
  g_object_unref (got);
  g_hash_table_unref (texts);
  check_insanity (client);
}

static void
check_containers (Client *client)
{
  const gint32 sizes[] = { 0, 5, 2000 };
  for (size_t round = 0; round < G_N_ELEMENTS (sizes); ++round) {
    GHashTable *map = g_hash_table_new_full (g_int_hash, g_int_equal, g_free, g_free), *set = g_hash_table_new_full (g_int_hash, g_int_equal, g_free, NULL);
    GHashTable *got_map = g_hash_table_new_full (g_int_hash, g_int_equal, g_free, g_free), *got_set = g_hash_table_new_full (g_int_hash, g_int_equal, g_free, NULL);
    GArray *list = g_array_new (FALSE, TRUE, sizeof (gint32)), *got_list = g_array_new (FALSE, TRUE, sizeof (gint32));
    for (gint32 index = 0; index < sizes[round]; ++index) {
      gint32 value = index == 4 ? G_MININT32 : index * 3 - 7;
      g_hash_table_insert (map, boxed (index), boxed (value));
      g_hash_table_add (set, boxed (value));
      g_array_append_val (list, value);
    }
    gboolean good = CALL (map, &got_map, map) && (gint32) g_hash_table_size (got_map) == sizes[round];
    for (gint32 index = 0; good && index < sizes[round]; ++index) {
      gint32 *value = g_hash_table_lookup (got_map, &index);
      good = value && *value == g_array_index (list, gint32, index);
    }
    check ("testMap", good);
    good = CALL (set, &got_set, set) && g_hash_table_size (got_set) == g_hash_table_size (set);
    for (guint index = 0; good && index < list->len; ++index) good = g_hash_table_contains (got_set, &g_array_index (list, gint32, index));
    check ("testSet", good);
    good = CALL (list, &got_list, list) && got_list->len == list->len;
    check ("testList", good && memcmp (got_list->data, list->data, list->len * sizeof (gint32)) == 0);
    g_hash_table_unref (map), g_hash_table_unref (set), g_hash_table_unref (got_map), g_hash_table_unref (got_set);
    g_array_unref (list), g_array_unref (got_list);
  }
  const char *pairs[][2] = { { "a", "123" }, { " x y ", " with spaces " }, { "", "ü 漢" } };
  GHashTable *texts = g_hash_table_new (g_str_hash, g_str_equal), *got = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (size_t index = 0; index < G_N_ELEMENTS (pairs); ++index) g_hash_table_insert (texts, (char *) pairs[index][0], (char *) pairs[index][1]);
  gboolean good = CALL (string_map, &got, texts) && g_hash_table_size (got) == G_N_ELEMENTS (pairs);
  for (size_t index = 0; good && index < G_N_ELEMENTS (pairs); ++index)
    good = g_strcmp0 (g_hash_table_lookup (got, pairs[index][0]), pairs[index][1]) == 0;
  check ("testStringMap", good);
  g_hash_table_unref (texts), g_hash_table_unref (got);
  got = g_hash_table_new_full (g_int_hash, g_int_equal, g_free, (GDestroyNotify) g_hash_table_unref);
  gint32 four = -4, three = -3;
  GHashTable *inner = CALL (map_map, &got, 1) ? g_hash_table_lookup (got, &four) : NULL;
  gint32 *value = inner ? g_hash_table_lookup (inner, &three) : NULL;
  check ("testMapMap", value && *value == -3 && g_hash_table_size (got) == 2 && g_hash_table_size (inner) == 4);
  g_hash_table_unref (got);
}

static void
check_exceptions (Client *client)
{
  conformanceXception *one = NULL;
  conformanceXception2 *two = NULL;
  conformanceXtruct *got = g_object_new (CONFORMANCE_TYPE_XTRUCT, NULL);
  check ("Xception", !CALL (exception, "Xception", &one) && one && one->errorCode == 1001 && g_strcmp0 (one->message, "Xception") == 0);
  g_clear_object (&one);
  check ("TException", !CALL (exception, "TException", &one) && !one && error && error->domain == THRIFT_APPLICATION_EXCEPTION_ERROR);
  check ("no exception", CALL (exception, "success", &one) && !one);
  gboolean thrown = !CALL (multi_exception, &got, "Xception", "x", &one, &two) && one && !two;
  check ("multi 1", thrown && one->errorCode == 1001 && g_strcmp0 (one->message, "This is an Xception") == 0);
  g_clear_object (&one);
  thrown = !CALL (multi_exception, &got, "Xception2", "x", &one, &two) && !one && two;
  check ("multi 2", thrown && two->errorCode == 2002 && is_xtruct (two->struct_thing, "This is an Xception2", 0, 0, 0));
  g_clear_object (&two);
  check ("multi none", CALL (multi_exception, &got, "success", "foobar", &one, &two) && is_xtruct (got, "foobar", 0, 0, 0));
  g_object_unref (got);
}

static void
check_oneway (Client *client)
{
  gint64 begun = g_get_monotonic_time ();
  check ("testOneway", CALL (oneway, 3) && g_get_monotonic_time () - begun < 200000);
  gint32 got = 0;
  check ("a call behind a oneway one", CALL (i32, &got, -1) && got == -1);
}

static void
check_both_services (Client *client, conformanceSecondServiceIf *second)
{
  for (int round = 0; round < 3; ++round) {
    gchar *got = NULL, *plain = NULL;
    gboolean good = conformance_second_service_if_secondtest_string (second, &got, "b", &error);
    check ("secondtestString", good && g_strcmp0 (got, "testString(\"b\")") == 0);
    check ("testString between", CALL (string, &plain, "a") && g_strcmp0 (plain, "a") == 0);
    g_free (got), g_free (plain);
  }
}

int
main (int count, char **words)
{
  const char *kind = option (count, words, "transport"), *path = option (count, words, "domain-socket");
  gboolean ssl = option (count, words, "ssl") != NULL, several = is_multiplexed (count, words);
  GObject *socket;
  if (path) {
    socket = g_object_new (THRIFT_TYPE_SOCKET, "path", path, NULL);
  } else {
    if (ssl) thrift_ssl_socket_initialize_openssl ();
    guint port = (guint) atoi (option (count, words, "port"));
    socket = g_object_new (ssl ? THRIFT_TYPE_SSL_SOCKET : THRIFT_TYPE_SOCKET, "hostname", option (count, words, "host"), "port", port, NULL);
    if (ssl && !thrift_ssl_load_cert_from_file (THRIFT_SSL_SOCKET (socket), option (count, words, "ca"))) return 1;
  }
  GType transports = strcmp (kind, "framed") == 0 ? THRIFT_TYPE_FRAMED_TRANSPORT : THRIFT_TYPE_BUFFERED_TRANSPORT;
  GObject *transport = g_object_new (transports, "transport", socket, NULL);
  GObject *protocol = g_object_new (is_compact (count, words) ? THRIFT_TYPE_COMPACT_PROTOCOL : THRIFT_TYPE_BINARY_PROTOCOL, "transport", transport, NULL);
  GObject *named[2] = { protocol, protocol };
  const char *names[2] = { "ThriftTest", "SecondService" };
  for (int index = 0; several && index < 2; ++index)
    named[index] = g_object_new (THRIFT_TYPE_MULTIPLEXED_PROTOCOL, "transport", transport, "protocol", protocol, "service-name", names[index], NULL);
  Client *client = g_object_new (CONFORMANCE_TYPE_THRIFT_TEST_CLIENT, "input_protocol", named[0], "output_protocol", named[0], NULL);
  check ("open", thrift_transport_open (THRIFT_TRANSPORT (transport), &error));
  if (!failed) {
    check_texts (client, option (count, words, "one-read") ? 8000 : 131072);
    check_numbers (client);
    check_structs (client);
    check_containers (client);
    if (several)
      check_both_services (client, g_object_new (CONFORMANCE_TYPE_SECOND_SERVICE_CLIENT, "input_protocol", named[1], "output_protocol", named[1], NULL));
    check_exceptions (client);
    check_oneway (client);
    thrift_transport_close (THRIFT_TRANSPORT (transport), NULL);
  }
  printf ("%d checks, %d failed\n", made, failed);
  return failed ? 1 : 0;
}
