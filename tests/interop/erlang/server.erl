%% The cross-test's services on Apache's Erlang library. Says its port when it listens.
-module(server).
-export([main/0, handle_function/2, handle_error/2]).

-include("conformance_types.hrl").

main() ->
    Options = #{"host" := Host, "port" := Port, "transport" := Kind} = connection:arguments(),
    {Service, Handler} = case connection:multiplexed(Options) of
        true ->
            {
                [{"ThriftTest", thrift_test_thrift}, {"SecondService", second_service_thrift}],
                [{"error_handler", ?MODULE}, {"ThriftTest", ?MODULE}, {"SecondService", ?MODULE}]
            };
        false -> {thrift_test_thrift, ?MODULE}
    end,
    %% Names of methods are looked up among the atoms that there are.
    [code:ensure_loaded(Module) || Module <- [thrift_test_thrift, second_service_thrift]],
    {ok, Server} = thrift_socket_server:start([
        {ip, Host}, {port, list_to_integer(Port)}, {name, interop}, {service, Service}, {handler, Handler}, {protocol, connection:codec(Options)},
        {framed, Kind =:= "framed"}, {socket_opts, [{recv_timeout, 60000}]} | secured(Options)
    ]),
    io:format("listening on ~p~n", [gen_server:call(Server, {get, port})]),
    receive stop -> ok end.

secured(#{"ssl" := _, "cert" := Certificate, "key" := Key}) ->
    {ok, _} = application:ensure_all_started(ssl),
    [{ssltransport, true}, {ssloptions, [{certfile, Certificate}, {keyfile, Key}]}];
secured(#{}) -> [].

xtruct(Text, Byte, I32, I64) ->
    #'conformance.Xtruct'{string_thing = Text, byte_thing = Byte, i32_thing = I32, i64_thing = I64}.

handle_function(testVoid, {}) -> ok;
handle_function(testOneway, _) -> ok;
handle_function(testMapMap, _) ->
    Same = fun(Keys) -> dict:from_list([{Key, Key} || Key <- Keys]) end,
    {reply, dict:from_list([{-4, Same(lists:seq(-4, -1))}, {4, Same(lists:seq(1, 4))}])};
handle_function(testInsanity, {Argument}) ->
    Empty = #'conformance.Insanity'{userMap = dict:new(), xtructs = []},
    {reply, dict:from_list([{1, dict:from_list([{2, Argument}, {3, Argument}])}, {2, dict:from_list([{6, Empty}])}])};
handle_function(testMulti, {Arg0, Arg1, Arg2, _, _, _}) -> {reply, xtruct(<<"Hello2">>, Arg0, Arg1, Arg2)};
handle_function(testException, {<<"Xception">> = Text}) -> throw(#'conformance.Xception'{errorCode = 1001, message = Text});
handle_function(testException, {<<"TException">>}) -> error(asked_for);
handle_function(testException, _) -> ok;
handle_function(testMultiException, {<<"Xception">>, _}) ->
    throw(#'conformance.Xception'{errorCode = 1001, message = <<"This is an Xception">>});
handle_function(testMultiException, {<<"Xception2">>, _}) ->
    throw(#'conformance.Xception2'{errorCode = 2002, struct_thing = xtruct(<<"This is an Xception2">>, 0, 0, 0)});
handle_function(testMultiException, {_, Text}) -> {reply, xtruct(Text, 0, 0, 0)};
handle_function(secondtestString, {Thing}) -> {reply, <<"testString(\"", Thing/binary, "\")">>};
%% The methods that give back what they are given.
handle_function(_, {Thing}) -> {reply, Thing}.

%% A connection that ended, or broke.
handle_error(_, _) -> ok.
