%% What client and server have in common: arguments, and Apache's protocols by the names of the matrix.
-module(connection).
-export([arguments/0, multiplexed/1, codec/1, protocol/2]).

%% `--name=value`; a name without a value is "yes".
arguments() ->
    Pairs = [string:split(string:prefix(Word, "--"), "=") || Word <- init:get_plain_arguments()],
    maps:from_list([case Pair of [Name, Value] -> {Name, Value}; [Name] -> {Name, "yes"} end || Pair <- Pairs]).

multiplexed(#{"protocol" := Name}) -> lists:prefix("multi", Name).

%% The protocol, below the multiplexed one where there is such.
codec(#{"protocol" := Name}) ->
    maps:get(Name, #{"binary" => binary, "multi" => binary, "compact" => compact, "multic" => compact}).

protocol(Options, Transport) ->
    case codec(Options) of
        binary -> thrift_binary_protocol:new(Transport);
        compact -> thrift_compact_protocol:new(Transport)
    end.
