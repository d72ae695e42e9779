/* The cross-test's services on Apache's C (GLib) library. Says its port when it listens. */

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <thrift/c_glib/thrift.h>
#include <thrift/c_glib/processor/thrift_multiplexed_processor.h>
#include <thrift/c_glib/protocol/thrift_binary_protocol_factory.h>
#include <thrift/c_glib/protocol/thrift_compact_protocol_factory.h>
#include <thrift/c_glib/server/thrift_simple_server.h>
#include <thrift/c_glib/thrift_application_exception.h>
#include <thrift/c_glib/transport/thrift_buffered_transport_factory.h>
#include <thrift/c_glib/transport/thrift_framed_transport_factory.h>
#include <thrift/c_glib/transport/thrift_server_socket.h>

#include "conformance_second_service.h"
#include "conformance_thrift_test.h"
#include "connection.h"

typedef conformanceThriftTestIf If;

/* What a method gives back belongs to the library, which frees it no sooner than the call's arguments. */

static gboolean
test_void (If *self, GError **error)
{
  return TRUE;
}

static gboolean
test_string (If *self, gchar **reply, const gchar *thing, GError **error)
{
  *reply = g_strdup (thing);
  return TRUE;
}

/* A method that gives back a number as it is. */
#define ECHO(name, type)                                                   \
  static gboolean name (If *self, type *reply, const type thing, GError **error) \
  {                                                                        \
    *reply = thing;                                                        \
    return TRUE;                                                           \
  }
ECHO (test_bool, gboolean)
ECHO (test_byte, gint8)
ECHO (test_i32, gint32)
ECHO (test_i64, gint64)
ECHO (test_double, gdouble)
ECHO (test_enum, conformanceNumberz)
ECHO (test_typedef, conformanceUserId)

/* And one that gives back what is counted. */
#define ECHO_COUNTED(name, type, ref)                                      \
  static gboolean name (If *self, type **reply, const type *thing, GError **error) \
  {                                                                        \
    *reply = ref ((type *) thing);                                         \
    return TRUE;                                                           \
  }
ECHO_COUNTED (test_binary, GByteArray, g_byte_array_ref)
ECHO_COUNTED (test_struct, conformanceXtruct, g_object_ref)
ECHO_COUNTED (test_nest, conformanceXtruct2, g_object_ref)
ECHO_COUNTED (test_map, GHashTable, g_hash_table_ref)
ECHO_COUNTED (test_string_map, GHashTable, g_hash_table_ref)
ECHO_COUNTED (test_set, GHashTable, g_hash_table_ref)
ECHO_COUNTED (test_list, GArray, g_array_ref)

static gpointer
boxed (gint32 value)
{
  return g_memdup2 (&value, sizeof value);
}

static gpointer
boxed_wide (gint64 value)
{
  return g_memdup2 (&value, sizeof value);
}

static gboolean
test_map_map (If *self, GHashTable **reply, const gint32 hello, GError **error)
{
  for (gint32 sign = -1; sign <= 1; sign += 2) {
    GHashTable *inner = g_hash_table_new_full (g_int_hash, g_int_equal, g_free, g_free);
    for (gint32 index = 1; index < 5; ++index) g_hash_table_insert (inner, boxed (sign * index), boxed (sign * index));
    g_hash_table_insert (*reply, boxed (sign * 4), inner);
  }
  return TRUE;
}

static gboolean
test_insanity (If *self, GHashTable **reply, const conformanceInsanity *argument, GError **error)
{
  GHashTable *first = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL, g_object_unref);
  GHashTable *second = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL, g_object_unref);
  g_hash_table_insert (first, GINT_TO_POINTER (CONFORMANCE_NUMBERZ_TWO), g_object_ref ((gpointer) argument));
  g_hash_table_insert (first, GINT_TO_POINTER (CONFORMANCE_NUMBERZ_THREE), g_object_ref ((gpointer) argument));
  g_hash_table_insert (second, GINT_TO_POINTER (CONFORMANCE_NUMBERZ_SIX), g_object_new (CONFORMANCE_TYPE_INSANITY, NULL));
  g_hash_table_insert (*reply, boxed_wide (1), first);
  g_hash_table_insert (*reply, boxed_wide (2), second);
  return TRUE;
}

static conformanceXtruct *
xtruct (const char *text, gint byte, gint i32, gint64 i64)
{
  return g_object_new (CONFORMANCE_TYPE_XTRUCT, "string_thing", text, "byte_thing", byte, "i32_thing", i32, "i64_thing", i64, NULL);
}

static gboolean
test_multi (If *self, conformanceXtruct **reply, const gint8 arg0, const gint32 arg1, const gint64 arg2, const GHashTable *arg3,
            const conformanceNumberz arg4, const conformanceUserId arg5, GError **error)
{
  *reply = xtruct ("Hello2", arg0, arg1, arg2);
  return TRUE;
}

static gboolean
test_exception (If *self, const gchar *arg, conformanceXception **err1, GError **error)
{
  if (strcmp (arg, "Xception") == 0) {
    *err1 = g_object_new (CONFORMANCE_TYPE_XCEPTION, "errorCode", 1001, "message", arg, NULL);
    return FALSE;
  }
  if (strcmp (arg, "TException") != 0) return TRUE;
  g_set_error_literal (error, THRIFT_APPLICATION_EXCEPTION_ERROR, THRIFT_APPLICATION_EXCEPTION_ERROR_INTERNAL_ERROR, "asked for");
  return FALSE;
}

static gboolean
test_multi_exception (If *self, conformanceXtruct **reply, const gchar *arg0, const gchar *arg1, conformanceXception **err1,
                      conformanceXception2 **err2, GError **error)
{
  if (strcmp (arg0, "Xception") == 0)
    *err1 = g_object_new (CONFORMANCE_TYPE_XCEPTION, "errorCode", 1001, "message", "This is an Xception", NULL);
  else if (strcmp (arg0, "Xception2") == 0)
    *err2 = g_object_new (CONFORMANCE_TYPE_XCEPTION2, "errorCode", 2002, "struct_thing", xtruct ("This is an Xception2", 0, 0, 0), NULL);
  else
    *reply = xtruct (arg1, 0, 0, 0);
  return !*err1 && !*err2;
}

static gboolean
test_oneway (If *self, const gint32 seconds, GError **error)
{
  return TRUE;
}

static gboolean
secondtest_string (conformanceSecondServiceIf *self, gchar **reply, const gchar *thing, GError **error)
{
  *reply = g_strdup_printf ("testString(\"%s\")", thing);
  return TRUE;
}

typedef conformanceThriftTestHandler First;
typedef conformanceThriftTestHandlerClass FirstClass;
G_DEFINE_TYPE (First, first, CONFORMANCE_TYPE_THRIFT_TEST_HANDLER)

static void
first_init (First *self)
{
}

static void
first_class_init (FirstClass *class)
{
  class->test_void = test_void;
  class->test_string = test_string;
  class->test_bool = test_bool;
  class->test_byte = test_byte;
  class->test_i32 = test_i32;
  class->test_i64 = test_i64;
  class->test_double = test_double;
  class->test_binary = test_binary;
  class->test_struct = test_struct;
  class->test_nest = test_nest;
  class->test_map = test_map;
  class->test_string_map = test_string_map;
  class->test_set = test_set;
  class->test_list = test_list;
  class->test_enum = test_enum;
  class->test_typedef = test_typedef;
  class->test_map_map = test_map_map;
  class->test_insanity = test_insanity;
  class->test_multi = test_multi;
  class->test_exception = test_exception;
  class->test_multi_exception = test_multi_exception;
  class->test_oneway = test_oneway;
}

typedef conformanceSecondServiceHandler Second;
typedef conformanceSecondServiceHandlerClass SecondClass;
G_DEFINE_TYPE (Second, second, CONFORMANCE_TYPE_SECOND_SERVICE_HANDLER)

static void
second_init (Second *self)
{
}

static void
second_class_init (SecondClass *class)
{
  class->secondtest_string = secondtest_string;
}

static gboolean (*library_listen) (ThriftServerTransport *transport, GError **error);

/* The library listens as it begins to serve, and tells no port. */
static gboolean
listen_and_say (ThriftServerTransport *transport, GError **error)
{
  ThriftServerSocket *socket = THRIFT_SERVER_SOCKET (transport);
  if (!library_listen (transport, error)) return FALSE;
  struct sockaddr_in bound = { 0 };
  socklen_t size = sizeof bound;
  if (socket->path) printf ("listening on %s\n", socket->path);
  else if (getsockname (socket->sd, (struct sockaddr *) &bound, &size) == 0) printf ("listening on %d\n", ntohs (bound.sin_port));
  fflush (stdout);
  return TRUE;
}

static GObject *
server_socket (int count, char **words)
{
  const char *path = option (count, words, "domain-socket");
  guint port = path ? 0 : (guint) atoi (option (count, words, "port"));
  GObject *socket = path ? g_object_new (THRIFT_TYPE_SERVER_SOCKET, "path", path, NULL) : g_object_new (THRIFT_TYPE_SERVER_SOCKET, "port", port, NULL);
  ThriftServerTransportClass *class = THRIFT_SERVER_TRANSPORT_GET_CLASS (socket);
  library_listen = class->listen;
  class->listen = listen_and_say;
  return socket;
}

/* The compiler of 0.24 sets a processor's own `dispatch_call`, and not the one of its parent class, which is called. */
#define MEND(type, get_class) THRIFT_DISPATCH_PROCESSOR_CLASS (g_type_class_ref (type))->dispatch_call = get_class (g_type_class_ref (type))->dispatch_call

static GObject *
processor (gboolean several)
{
  MEND (CONFORMANCE_TYPE_THRIFT_TEST_PROCESSOR, CONFORMANCE_THRIFT_TEST_PROCESSOR_CLASS);
  MEND (CONFORMANCE_TYPE_SECOND_SERVICE_PROCESSOR, CONFORMANCE_SECOND_SERVICE_PROCESSOR_CLASS);
  GObject *first = g_object_new (CONFORMANCE_TYPE_THRIFT_TEST_PROCESSOR, "handler", g_object_new (first_get_type (), NULL), NULL);
  if (!several) return first;
  GObject *second = g_object_new (CONFORMANCE_TYPE_SECOND_SERVICE_PROCESSOR, "handler", g_object_new (second_get_type (), NULL), NULL);
  GObject *both = g_object_new (THRIFT_TYPE_MULTIPLEXED_PROCESSOR, NULL);
  thrift_multiplexed_processor_register_processor (THRIFT_PROCESSOR (both), "ThriftTest", THRIFT_PROCESSOR (first), NULL);
  thrift_multiplexed_processor_register_processor (THRIFT_PROCESSOR (both), "SecondService", THRIFT_PROCESSOR (second), NULL);
  return both;
}

int
main (int count, char **words)
{
  GType transports = strcmp (option (count, words, "transport"), "framed") == 0 ? THRIFT_TYPE_FRAMED_TRANSPORT_FACTORY : THRIFT_TYPE_BUFFERED_TRANSPORT_FACTORY;
  GType protocols = is_compact (count, words) ? THRIFT_TYPE_COMPACT_PROTOCOL_FACTORY : THRIFT_TYPE_BINARY_PROTOCOL_FACTORY;
  GObject *server = g_object_new (THRIFT_TYPE_SIMPLE_SERVER, "processor", processor (is_multiplexed (count, words)), "server_transport", server_socket (count, words),
                                  "input_transport_factory", g_object_new (transports, NULL), "output_transport_factory", g_object_new (transports, NULL),
                                  "input_protocol_factory", g_object_new (protocols, NULL), "output_protocol_factory", g_object_new (protocols, NULL), NULL);
  GError *error = NULL;
  thrift_server_serve (THRIFT_SERVER (server), &error);
  fprintf (stderr, "the server ended%s%s\n", error ? ": " : "", error ? error->message : "");
  return 1;
}
