%% The other end of the tests against Erlang: gen_tcp with its own framing.
%%
%%   escript erlang_peer.escript   prints a line of JSON: its version, and the
%%                                 port of the listener of each packet option;
%%                                 ends with its standard input
%%
%% Every message is answered by one that begins with "R: " and goes on with what
%% arrived.

main([]) ->
    Modes = [{"1", 1, []}, {"2", 2, []}, {"4", 4, []},
             {"4, packet_size 8", 4, [{packet_size, 8}]}, {"line", line, []}],
    Ports = [io_lib:format("\"~s\":~p", [Name, listen(Packet, Options)])
             || {Name, Packet, Options} <- Modes],
    io:format("{\"version\":\"Erlang/OTP ~s\",\"ports\":{~s}}~n",
              [erlang:system_info(otp_release), lists:join(",", Ports)]),
    eof = io:get_line("").

listen(Packet, Options) ->
    {ok, Listener} = gen_tcp:listen(0, [binary, {packet, Packet},
        {active, false}, {nodelay, true}, {ip, {127, 0, 0, 1}} | Options]),
    {ok, Port} = inet:port(Listener),
    spawn_link(fun() -> accept(Listener) end),
    Port.

accept(Listener) ->
    {ok, Socket} = gen_tcp:accept(Listener),
    Pid = spawn(fun() -> receive go -> reply(Socket) end end),
    ok = gen_tcp:controlling_process(Socket, Pid),
    Pid ! go,
    accept(Listener).

reply(Socket) ->
    case gen_tcp:recv(Socket, 0, 20000) of
        {ok, Message} ->
            ok = gen_tcp:send(Socket, <<"R: ", Message/binary>>),
            reply(Socket);
        {error, _} -> gen_tcp:close(Socket)
    end.
