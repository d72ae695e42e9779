%% The cross-test's calls through Apache's Erlang library. Exit code 1 where an answer is wrong.
-module(client).
-export([main/0]).

-include("conformance_types.hrl").
-include("thrift_constants.hrl").

main() ->
    halt(
        try run(connection:arguments())
        catch Kind:Error:Where ->
            io:format("FAIL ~p ~p~n~p~n", [Kind, Error, Where]),
            1
        end
    ).

run(Options) ->
    {ok, Protocol} = connection:protocol(Options, transport(Options)),
    Multiplexed = connection:multiplexed(Options),
    {ok, Client} = thrift_client:new(named(Protocol, "ThriftTest", Multiplexed), thrift_test_thrift),
    {Last, Results} = lists:foldl(fun check/2, {Client, []}, texts() ++ numbers() ++ structs() ++ containers() ++ exceptions() ++ oneway()),
    Both = Results ++ case Multiplexed of
        true -> second(named(Protocol, "SecondService", true), Last);
        false -> []
    end,
    thrift_client:close(Last),
    Failed = length([failed || false <- Both]),
    io:format("~p checks, ~p failed~n", [length(Both), Failed]),
    min(Failed, 1).

%% A client of the second service on the same connection, its calls between those of the first.
second(Protocol, First) ->
    {ok, Second} = thrift_client:new(Protocol, second_service_thrift),
    Turn = fun(Text, {One, Two, Results}) ->
        {NextTwo, Answered} = check({secondtestString, [Text], <<"testString(\"", Text/binary, "\")">>}, {Two, Results}),
        {NextOne, Between} = check({testString, [<<"a">>], <<"a">>}, {One, Answered}),
        {NextOne, NextTwo, Between}
    end,
    {_, _, Results} = lists:foldl(Turn, {First, Second, []}, [<<"a">>, <<"b">>, <<"c">>]),
    Results.

named(Protocol, Service, true) -> {ok, Named} = thrift_multiplexed_protocol:new(Protocol, Service), Named;
named(Protocol, _, false) -> Protocol.

%% Its client for HTTP takes no https; its sockets with TLS take no time-out.
transport(#{"transport" := "http", "host" := Host, "port" := Port}) ->
    {ok, _} = application:ensure_all_started(inets),
    {ok, Transport} = thrift_http_transport:new(Host ++ ":" ++ Port, "/service"),
    Transport;
transport(#{"transport" := Kind, "host" := Host, "port" := Port} = Options) ->
    Framed = {framed, Kind =:= "framed"},
    {ok, Connect} = case Options of
        #{"ssl" := _, "ca" := Authority} ->
            {ok, _} = application:ensure_all_started(ssl),
            Trust = [{cacertfile, Authority}, {verify, verify_peer}],
            thrift_sslsocket_transport:new_transport_factory(Host, list_to_integer(Port), [Framed, {ssloptions, Trust}]);
        #{} ->
            thrift_socket_transport:new_transport_factory(Host, list_to_integer(Port), [Framed, {recv_timeout, 10000}])
    end,
    {ok, Transport} = Connect(),
    Transport.

%% One call, {method, arguments, what is wanted}: a value, {throws, exception}, or a function that judges.
check({Method, Arguments, Wanted}, {Client, Results}) ->
    {Next, Got} = try thrift_client:call(Client, Method, Arguments) catch throw:{After, {exception, Error}} -> {After, {throws, Error}} end,
    Good = case {Wanted, Got} of
        {Judge, _} when is_function(Judge) -> Judge(Got);
        {{throws, _}, _} -> Got =:= Wanted;
        {_, {ok, Value}} -> plain(Value) =:= plain(Wanted);
        {_, _} -> false
    end,
    Good orelse io:format("FAIL ~s: got ~P, wanted ~P~n", [Method, Got, 20, Wanted, 20]),
    {Next, [Good | Results]}.

%% Maps and sets in a form of which there is one only.
plain(Value) when is_tuple(Value), element(1, Value) =:= dict -> {dict, lists:sort([{Key, plain(Member)} || {Key, Member} <- dict:to_list(Value)])};
plain(Value) when is_tuple(Value), element(1, Value) =:= set -> {set, lists:sort(sets:to_list(Value))};
plain(Value) when is_map(Value) -> {set, lists:sort(sets:to_list(Value))};
plain(Value) when is_tuple(Value) -> list_to_tuple([plain(Member) || Member <- tuple_to_list(Value)]);
plain(Value) when is_list(Value) -> [plain(Member) || Member <- Value];
plain(Value) -> Value.

texts() ->
    Texts = [<<>>, <<"Test">>, <<"quote \" back\\slash / \b\f\r\n\t nul\0 \x01\x1f\x7f">>, <<"Ünïcödé 漢字 العربية 😀"/utf8>>, binary:copy(<<"long ">>, 4000)],
    Sizes = [0, 1, 2, 4, 16, 255, 256, 4096, 65536, 131072],
    [{testVoid, [], ok}] ++ [{testString, [Text], Text} || Text <- Texts] ++
        [{testBinary, [Bytes], Bytes} || Bytes <- [<<<<(Index * 7)>> || Index <- lists:seq(0, Size - 1)>> || Size <- Sizes]].

numbers() ->
    Widths = [{testByte, 7}, {testI32, 31}, {testI64, 63}, {testTypedef, 63}],
    %% Its numbers know neither the infinities nor NaN.
    Doubles = [0.0, -0.0, 5.325098235, -5.325098235, 1.0e300, 5.0e-324, 1.7976931348623157e308],
    [{testBool, [Value], Value} || Value <- [true, false]] ++
        [{Method, [Value], Value} || {Method, Width} <- Widths, Value <- [0, 1, -1, (1 bsl Width) - 1, -(1 bsl Width)]] ++
        [{testI64, [Value], Value} || Value <- [-34359738368, 9007199254740993]] ++
        [{testDouble, [Value], fun({ok, Got}) -> <<Got/float>> =:= <<Value/float>>; (_) -> false end} || Value <- Doubles] ++
        [{testEnum, [Value], Value} || Value <- [1, 2, 8, 77]].

xtruct(Text, Byte, I32, I64) ->
    #'conformance.Xtruct'{string_thing = Text, byte_thing = Byte, i32_thing = I32, i64_thing = I64}.

structs() ->
    Thing = xtruct(<<"Zero">>, 1, -3, -5),
    Nested = #'conformance.Xtruct2'{byte_thing = 1, struct_thing = Thing, i32_thing = 5},
    Insanity = #'conformance.Insanity'{
        userMap = dict:from_list([{5, 5}, {8, 8}]), xtructs = [xtruct(<<"Goodbye4">>, 4, 4, 4), xtruct(<<"Hello2">>, 2, 2, 2)]
    },
    Empty = #'conformance.Insanity'{userMap = dict:new(), xtructs = []},
    Twice = dict:from_list([{1, dict:from_list([{2, Insanity}, {3, Insanity}])}, {2, dict:from_list([{6, Empty}])}]),
    Several = [74, 16#FF00FF, 16#FF00FF00FF, dict:from_list([{1, <<"blah">>}]), 5, 16#F0F0F0],
    [
        {testStruct, [Thing], Thing},
        {testNest, [Nested], Nested},
        {testInsanity, [Insanity], Twice},
        {testMulti, Several, xtruct(<<"Hello2">>, 74, 16#FF00FF, 16#FF00FF00FF)}
    ].

containers() ->
    Maps = [[], [{Index, Index - 10} || Index <- lists:seq(0, 4)], [{16#7FFFFFFF, -16#80000000}], [{Index, -Index} || Index <- lists:seq(0, 499)]],
    Texts = [[], [{<<"a">>, <<"123">>}, {<<" x y ">>, <<" with spaces ">>}, {<<"0">>, <<"numeric key">>}, {<<>>, <<"ü 漢"/utf8>>}]],
    Lists = [[], lists:seq(-2, 2), [0, 16#7FFFFFFF, -16#80000000], lists:seq(0, 1999)],
    Same = fun(Keys) -> dict:from_list([{Key, Key} || Key <- Keys]) end,
    [{testMap, [Dict], Dict} || Dict <- [dict:from_list(Map) || Map <- Maps]] ++
        [{testStringMap, [Dict], Dict} || Dict <- [dict:from_list(Map) || Map <- Texts]] ++
        [{testList, [List], List} || List <- Lists] ++
        [{testSet, [Set], Set} || Set <- [sets:from_list(List) || List <- Lists]] ++
        [{testMapMap, [1], dict:from_list([{-4, Same(lists:seq(-4, -1))}, {4, Same(lists:seq(1, 4))}])}].

exceptions() ->
    One = #'conformance.Xception'{errorCode = 1001, message = <<"This is an Xception">>},
    Two = #'conformance.Xception2'{errorCode = 2002, struct_thing = xtruct(<<"This is an Xception2">>, 0, 0, 0)},
    [
        {testException, [<<"Xception">>], {throws, One#'conformance.Xception'{message = <<"Xception">>}}},
        {testException, [<<"TException">>], fun({throws, Error}) -> element(1, Error) =:= 'TApplicationException'; (_) -> false end},
        {testException, [<<"success">>], ok},
        {testMultiException, [<<"Xception">>, <<"x">>], {throws, One}},
        {testMultiException, [<<"Xception2">>, <<"x">>], {throws, Two}},
        {testMultiException, [<<"success">>, <<"foobar">>], xtruct(<<"foobar">>, 0, 0, 0)}
    ].

oneway() ->
    [{testOneway, [3], ok}, {testI32, [-1], -1}].
