// Answers questions with generated code: README.md has the protocol. With the words
// `connect PORT NAME FRAME ...`, it sends frames to a server and prints the answers.

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;

/// <summary>The code of one format, and one decoder of it.</summary>
internal abstract class Format
{
    public abstract void Begin(Action<string, long?> onSkip);

    public abstract void Push(byte[] bytes);

    public abstract string Next();

    public abstract void End();

    public abstract byte[] TakeUnread();

    public abstract byte[] Encode(string word);

    public abstract void Connect(Stream stream);

    public abstract Task<string> ReadAsync();

    public abstract Task WriteAsync(string word);
}

/// <summary>An error of generated code.</summary>
internal sealed class Refusal : Exception
{
    public Refusal(string code, long? offset)
        : base($"error {code} {offset?.ToString() ?? "-"}")
    {
    }
}

internal static class Words
{
    private static readonly Encoding Utf8 = new UTF8Encoding(false, true);

    public static string Print(byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            return "-";
        }

        var word = new StringBuilder(2 * bytes.Length);
        foreach (byte value in bytes)
        {
            word.Append("0123456789abcdef"[value >> 4]).Append("0123456789abcdef"[value & 15]);
        }

        return word.ToString();
    }

    public static string Print(string text) => Print(Utf8.GetBytes(text));

    public static string Print(IReadOnlyDictionary<string, string> headers, byte[] body) =>
        Print(string.Concat(headers.Select(header => $"{header.Key}: {header.Value}\n"))) + "/" + Print(body);

    public static byte[] ReadBytes(string word)
    {
        if (word == "-")
        {
            return new byte[0];
        }

        var bytes = new byte[word.Length / 2];
        for (int i = 0; i < bytes.Length; i++)
        {
            bytes[i] = (byte)(Digit(word[2 * i]) << 4 | Digit(word[2 * i + 1]));
        }

        return bytes;
    }

    public static string ReadText(string word) => Utf8.GetString(ReadBytes(word));

    public static byte[] ReadBody(string word) => ReadBytes(word.Split('/')[1]);

    public static IReadOnlyDictionary<string, string> ReadHeaders(string word)
    {
        var headers = new Dictionary<string, string>();
        string begun = "";
        string[] lines = ReadText(word.Split('/')[0]).Split('\n');
        foreach (string line in lines.Take(lines.Length - 1))
        {
            string header = begun + line;
            int colon = header.IndexOf(": ", StringComparison.Ordinal);
            if (colon < 0)
            {
                begun = header + "\n"; // A name with a line end, which the encoder must refuse.
                continue;
            }

            headers[header.Substring(0, colon)] = header.Substring(colon + 2);
            begun = "";
        }

        return headers;
    }

    private static int Digit(char digit) => digit <= '9' ? digit - '0' : digit - 'a' + 10;
}

internal static class Program
{
    private static readonly TextWriter Output =
        new StreamWriter(Console.OpenStandardOutput()) { NewLine = "\n" };

    private static int Main(string[] args)
    {
        if (args.Length > 0)
        {
            Connect(int.Parse(args[1]), FormatOf(args[2]), args.Skip(3)).Wait();
            return 0;
        }

        var input = new StreamReader(Console.OpenStandardInput(), Encoding.ASCII, false, 1 << 16);
        for (string line = input.ReadLine(); line != null; line = input.ReadLine())
        {
            string[] words = line.Split(' ');
            Format format = FormatOf(words[0].Substring(1));
            try
            {
                Answer(format, words[1], words.Skip(2));
            }
            catch (Refusal refusal)
            {
                Output.WriteLine(refusal.Message);
            }

            Output.WriteLine("done");
            Output.Flush();
        }

        return 0;
    }

    private static Format FormatOf(string name) =>
        (Format)Activator.CreateInstance(Type.GetType("Format" + name));

    private static void Answer(Format format, string verb, IEnumerable<string> words)
    {
        format.Begin((code, offset) => Output.WriteLine($"skipped {code} {offset}"));
        switch (verb)
        {
            case "decode":
                foreach (string word in words)
                {
                    format.Push(Words.ReadBytes(word));
                    Take(format, -1);
                }

                format.End();
                Take(format, -1);
                break;
            case "feed":
                foreach (string word in words)
                {
                    format.Push(Words.ReadBytes(word));
                    Take(format, -1);
                    Output.WriteLine("chunk");
                }

                break;
            case "take":
                Stop(format, words);
                break;
            case "encode":
                foreach (string word in words)
                {
                    Encode(format, word);
                }

                break;
            default:
                throw new ArgumentException($"There is no verb {verb}");
        }
    }

    private static int Take(Format format, int most)
    {
        int taken = 0;
        while (taken != most)
        {
            string frame = format.Next();
            if (frame == null)
            {
                break;
            }

            Output.WriteLine($"frame {frame}");
            taken++;
        }

        return taken;
    }

    private static void Stop(Format format, IEnumerable<string> words)
    {
        int most = int.Parse(words.First());
        var left = new Queue<byte[]>(words.Skip(1).Select(Words.ReadBytes));
        int taken = 0;
        while (left.Count > 0 && taken != most)
        {
            format.Push(left.Dequeue());
            taken += Take(format, most < 0 ? -1 : most - taken);
        }

        byte[] unread = format.TakeUnread();
        Output.WriteLine($"bytes {Words.Print(unread.Concat(left.SelectMany(chunk => chunk)).ToArray())}");
    }

    private static void Encode(Format format, string word)
    {
        try
        {
            Output.WriteLine($"bytes {Words.Print(format.Encode(word))}");
        }
        catch (Refusal refusal)
        {
            Output.WriteLine(refusal.Message);
        }
    }

    private static async Task Connect(int port, Format format, IEnumerable<string> words)
    {
        using (var client = new TcpClient())
        {
            await client.ConnectAsync("127.0.0.1", port);
            format.Connect(client.GetStream());
            foreach (string word in words)
            {
                await format.WriteAsync(word);
                Output.WriteLine(await format.ReadAsync());
            }

            client.Client.Shutdown(SocketShutdown.Send);
            string last = await format.ReadAsync();
            Output.WriteLine(last ?? "end");
            Output.Flush();
        }
    }
}
