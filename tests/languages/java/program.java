// Answers questions with generated code: README.md has the protocol. With the words
// `connect PORT NAME FRAME ...`, it sends frames to a server and prints the answers.

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

final class JavaProgram {
    private static final PrintStream OUTPUT =
            new PrintStream(new FileOutputStream(FileDescriptor.out), false);

    private JavaProgram() {}

    public static void main(String[] args) throws Exception {
        if (args.length > 0) {
            List<String> words = Arrays.asList(args).subList(3, args.length);
            connect(Integer.parseInt(args[1]), new Format(args[2]), words);
            OUTPUT.flush();
            return;
        }
        BufferedReader input =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        StringBuilder answers = new StringBuilder();
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            List<String> words = Arrays.asList(line.split(" "));
            Format format = new Format(words.get(0).substring(1));
            try {
                answer(format, words.get(1), words.subList(2, words.size()), answers);
            } catch (Refusal refusal) {
                answers.append(refusal.getMessage()).append('\n');
            }
            OUTPUT.print(answers.append("done\n"));
            OUTPUT.flush();
            answers.setLength(0);
        }
    }

    private static void answer(
            Format format, String verb, List<String> words, StringBuilder answers)
            throws Exception {
        format.begin(answers);
        switch (verb) {
            case "decode":
                for (String word : words) {
                    format.push(Words.readBytes(word));
                    take(format, -1, answers);
                }
                format.end();
                take(format, -1, answers);
                break;
            case "feed":
                for (String word : words) {
                    format.push(Words.readBytes(word));
                    take(format, -1, answers);
                    answers.append("chunk\n");
                }
                break;
            case "take":
                stop(format, words, answers);
                break;
            case "encode":
                for (String word : words) {
                    encode(format, word, answers);
                }
                break;
            default:
                throw new IllegalArgumentException("There is no verb " + verb);
        }
    }

    private static int take(Format format, int most, StringBuilder answers) throws Exception {
        int taken = 0;
        while (taken != most) {
            String frame = format.next();
            if (frame == null) {
                break;
            }
            answers.append("frame ").append(frame).append('\n');
            taken++;
        }
        return taken;
    }

    private static void stop(Format format, List<String> words, StringBuilder answers)
            throws Exception {
        int most = Integer.parseInt(words.get(0));
        Deque<String> left = new ArrayDeque<>(words.subList(1, words.size()));
        int taken = 0;
        while (!left.isEmpty() && taken != most) {
            format.push(Words.readBytes(left.remove()));
            taken += take(format, most < 0 ? -1 : most - taken, answers);
        }
        ByteArrayOutputStream unread = new ByteArrayOutputStream();
        unread.write(format.takeUnread());
        for (String word : left) {
            unread.write(Words.readBytes(word));
        }
        answers.append("bytes ").append(Words.print(unread.toByteArray())).append('\n');
    }

    private static void encode(Format format, String word, StringBuilder answers)
            throws Exception {
        try {
            String bytes = Words.print(format.encode(word));
            answers.append("bytes ").append(bytes).append('\n');
        } catch (Refusal refusal) {
            answers.append(refusal.getMessage()).append('\n');
        }
    }

    private static void connect(int port, Format format, List<String> words) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            format.connect(socket.getInputStream());
            for (String word : words) {
                format.write(socket.getOutputStream(), word);
                OUTPUT.println(format.read());
            }
            socket.shutdownOutput();
            String last = format.read();
            OUTPUT.println(last == null ? "end" : last);
        }
    }

    /** An error of generated code. */
    private static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;

        Refusal(String code, long offset) {
            super("error " + code + " " + (offset < 0 ? "-" : offset));
        }
    }

    /** The code of one format, and one decoder and one reader of it, by reflection. */
    private static final class Format {
        private final String name;
        private final Method encode;
        private final Class<?> type;
        private Object decoder;
        private Method push;
        private Method next;
        private Object reader;

        Format(String name) throws ClassNotFoundException {
            this.name = name;
            encode = methodOf(Class.forName(name), "encode");
            type = encode.getParameterTypes()[0];
        }

        void begin(StringBuilder answers) throws Exception {
            Consumer<Object> onSkip = error -> answers.append(skipped(error));
            Class<?> decoderClass = Class.forName(name + "$Decoder");
            decoder = decoderClass.getConstructors().length == 1
                    ? decoderClass.getConstructor().newInstance()
                    : decoderClass.getConstructor(Consumer.class).newInstance(onSkip);
            push = decoderClass.getMethod("push", byte[].class);
            next = decoderClass.getMethod("next");
        }

        void push(byte[] bytes) throws Exception {
            push.invoke(decoder, bytes);
        }

        void end() throws Exception {
            call(decoder, "end");
        }

        String next() throws Exception {
            return print(invoke(next, decoder));
        }

        byte[] takeUnread() throws Exception {
            return (byte[]) call(decoder, "takeUnread");
        }

        byte[] encode(String word) throws Exception {
            return (byte[]) invoke(encode, null, read(word));
        }

        void connect(InputStream in) throws Exception {
            reader = Class.forName(name + "$Reader")
                    .getConstructor(InputStream.class)
                    .newInstance(in);
        }

        String read() throws Exception {
            return print(call(reader, "read"));
        }

        void write(OutputStream out, String word) throws Exception {
            invoke(methodOf(Class.forName(name), "write"), null, out, read(word));
        }

        private Object read(String word) throws Exception {
            if (type == byte[].class) {
                return Words.readBytes(word);
            }
            if (type == String.class) {
                return Words.readText(word);
            }
            return type.getConstructor(byte[].class, Map.class)
                    .newInstance(Words.readBody(word), Words.readHeaders(word));
        }

        private static String print(Object frame) throws Exception {
            if (frame == null) {
                return null;
            }
            if (frame instanceof byte[]) {
                return Words.print((byte[]) frame);
            }
            if (frame instanceof String) {
                return Words.print((String) frame);
            }
            StringBuilder lines = new StringBuilder();
            Map<?, ?> headers = (Map<?, ?>) call(frame, "headers");
            headers.forEach((name, value) ->
                    lines.append(name).append(": ").append(value).append('\n'));
            return Words.print(lines.toString()) + "/" + Words.print((byte[]) call(frame, "body"));
        }

        private static String skipped(Object error) {
            try {
                return "skipped " + call(error, "code") + " " + call(error, "offset") + "\n";
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        private static Method methodOf(Class<?> type, String name) {
            return Arrays.stream(type.getMethods())
                    .filter(method -> method.getName().equals(name))
                    .findFirst()
                    .get();
        }

        private static Object call(Object target, String method) throws Exception {
            return invoke(target.getClass().getMethod(method), target);
        }

        private static Object invoke(Method method, Object target, Object... values)
                throws Exception {
            try {
                return method.invoke(target, values);
            } catch (InvocationTargetException e) {
                Throwable error = e.getCause();
                if (!(error instanceof IOException) || !error.getClass().getName().contains("$")) {
                    throw e;
                }
                throw new Refusal((String) call(error, "code"), (long) call(error, "offset"));
            }
        }
    }

    /** Words of the protocol. */
    private static final class Words {
        private Words() {}

        static String print(byte[] bytes) {
            if (bytes.length == 0) {
                return "-";
            }
            StringBuilder word = new StringBuilder(2 * bytes.length);
            for (byte value : bytes) {
                word.append(Character.forDigit(value >> 4 & 15, 16));
                word.append(Character.forDigit(value & 15, 16));
            }
            return word.toString();
        }

        static String print(String text) {
            return print(text.getBytes(StandardCharsets.UTF_8));
        }

        static byte[] readBytes(String word) {
            if (word.equals("-")) {
                return new byte[0];
            }
            byte[] bytes = new byte[word.length() / 2];
            for (int i = 0; i < bytes.length; i++) {
                int high = Character.digit(word.charAt(2 * i), 16);
                bytes[i] = (byte) (high << 4 | Character.digit(word.charAt(2 * i + 1), 16));
            }
            return bytes;
        }

        static String readText(String word) {
            return new String(readBytes(word), StandardCharsets.UTF_8);
        }

        static byte[] readBody(String word) {
            return readBytes(word.split("/")[1]);
        }

        static Map<String, String> readHeaders(String word) {
            Map<String, String> headers = new LinkedHashMap<>();
            String begun = "";
            for (String line : readText(word.split("/")[0]).split("\n")) {
                String header = begun + line;
                int colon = header.indexOf(": ");
                if (colon < 0) {
                    begun = header + "\n"; // A name with a line end, which the encoder must refuse.
                    continue;
                }
                headers.put(header.substring(0, colon), header.substring(colon + 2));
                begun = "";
            }
            return headers;
        }
    }
}
