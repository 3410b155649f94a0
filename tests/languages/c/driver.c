/* Answers questions about formats (../README.md), or talks to a server. */

#define _POSIX_C_SOURCE 200809L

#include "driver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static void print_word(const void *bytes, size_t length)
{
    const unsigned char *at = (const unsigned char *)bytes;

    if (length == 0) {
        putchar('-');
    }
    for (size_t i = 0; i < length; i++) {
        putchar("0123456789abcdef"[at[i] >> 4]);
        putchar("0123456789abcdef"[at[i] & 15]);
    }
    putchar('\n');
}

void print_bytes(const char *kind, const void *bytes, size_t length)
{
    printf("%s ", kind);
    print_word(bytes, length);
}

static void print_hex(const char *text)
{
    for (; *text != '\0'; text++) {
        printf("%02x", (unsigned)(unsigned char)*text);
    }
}

/* Joins the values of headers of the same name, as the codec does. */
void print_headers(size_t count, const char *(*of)(const void *, size_t, bool),
    const void *headers, const unsigned char *body, size_t length)
{
    printf("frame ");
    for (size_t i = 0; i < count; i++) {
        const char *name = of(headers, i, true);
        bool is_first = true;

        for (size_t j = 0; j < i; j++) {
            is_first = is_first && strcmp(name, of(headers, j, true)) != 0;
        }
        if (!is_first) {
            continue;
        }
        print_hex(name);
        print_hex(": ");
        print_hex(of(headers, i, false));
        for (size_t j = i + 1; j < count; j++) {
            if (strcmp(name, of(headers, j, true)) == 0) {
                print_hex(", ");
                print_hex(of(headers, j, false));
            }
        }
        print_hex("\n");
    }
    putchar('/');
    print_word(body, length);
}

static void *allocate(size_t size)
{
    void *memory = calloc(1, size);

    if (memory == NULL) {
        abort();
    }
    return memory;
}

static unsigned digit(char character)
{
    return (unsigned)(character <= '9' ? character - '0' : character - 'a' + 10);
}

/* The bytes of a word up to a space or a slash, in memory of exactly their size, but
   for a byte behind text. */
unsigned char *read_bytes(const char *word, size_t *length)
{
    const size_t digits = *word == '-' ? 0 : strcspn(word, " /\n");
    const size_t more = word[digits] == '/' || digits == 0 ? 1 : 0;
    unsigned char *bytes = (unsigned char *)allocate(digits / 2 + more);

    *length = digits / 2;
    for (size_t i = 0; i < *length; i++) {
        bytes[i] = (unsigned char)(digit(word[2 * i]) << 4 | digit(word[2 * i + 1]));
    }
    return bytes;
}

size_t read_headers(char *text, const char **names, const char **values, size_t most)
{
    size_t count = 0;

    while (*text != '\0' && count < most) {
        char *colon = strstr(text, ": ");
        char *end = strchr(colon == NULL ? text : colon, '\n');

        *end = '\0';
        if (colon == NULL) { /* a value with a line end in it */
            text[-1] = '\n';
            text = end + 1;
            continue;
        }
        names[count] = text;
        values[count] = colon + 2;
        count++;
        *colon = '\0';
        text = end + 1;
    }
    return count;
}

/* Takes all frames, or at most so many; false on error. */
static bool take(const struct format *format, void *decoder, long *left)
{
    while (*left != 0) {
        const int result = format->next(decoder);

        if (result < 0) {
            format->print_error(decoder);
            return false;
        }
        if (result == 0) {
            return true;
        }
        --*left;
    }
    return true;
}

static char *next_word(char *word)
{
    char *space = strpbrk(word, " \n");

    return space == NULL || *space == '\n' || space[1] == '\n' ? NULL : space + 1;
}

static void print_rest(const struct format *format, void *decoder, char *word)
{
    size_t length;
    const unsigned char *unread = format->unread(decoder, &length);
    unsigned char *rest;
    size_t size = length;

    if (length > 0) {
        print_bytes("bytes", unread, length);
    }
    for (; word != NULL; word = next_word(word)) {
        rest = read_bytes(word, &size);
        print_bytes("bytes", rest, size);
        free(rest);
    }
}

static void decode(
    const struct format *format, char *word, bool ends, bool is_fed, long left)
{
    const bool prints_rest = !ends && !is_fed;
    void *decoder = allocate(format->decoder_size);
    bool is_good = true;

    format->init(decoder);
    for (; word != NULL && is_good && left != 0; word = next_word(word)) {
        size_t length;
        unsigned char *chunk = read_bytes(word, &length);

        format->push(decoder, chunk, length);
        free(chunk);
        is_good = take(format, decoder, &left);
        if (is_fed) {
            puts("chunk");
        }
    }
    if (is_good && ends) {
        format->end(decoder);
        is_good = take(format, decoder, &left);
    }
    if (is_good && prints_rest) {
        print_rest(format, decoder, word);
    }
    format->free(decoder);
    free(decoder);
}

static void encode(const struct format *format, char *word)
{
    void *out = allocate(format->buffer_size);
    size_t before = 0;

    for (; word != NULL; word = next_word(word)) {
        size_t length;
        const unsigned char *bytes;

        if (!format->encode(word, out)) {
            continue;
        }
        bytes = format->encoded(out, &length);
        print_bytes("bytes", bytes + before, length - before);
        before = length;
    }
    free(format->encoded(out, &before));
    free(out);
}

static void answer(const struct format *format, char *line)
{
    const size_t verb = strcspn(line, " \n");
    char *word = next_word(line);

    if (strncmp(line, "decode", verb) == 0) {
        decode(format, word, true, false, -1);
    } else if (strncmp(line, "feed", verb) == 0) {
        decode(format, word, false, true, -1);
    } else if (strncmp(line, "take", verb) == 0) {
        const long most = strtol(word, NULL, 10);

        decode(format, next_word(word), false, false, most);
    } else {
        encode(format, word);
    }
    puts("done");
    fflush(stdout);
}

static const struct format *find_format(const char *name, size_t length)
{
    const struct format *const all[] = {formats_0, formats_1};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        for (const struct format *one = all[i]; one->name != NULL; one++) {
            if (strlen(one->name) == length &&
                memcmp(one->name, name, length) == 0) {
                return one;
            }
        }
    }
    fprintf(stderr, "There is no such format\n");
    exit(1);
}

/* Sends frames to a server, and prints what comes back until it ends the connection. */
static int talk(const struct format *format, const char *port, char **words)
{
    void *out = allocate(format->buffer_size);
    unsigned char *bytes;
    size_t length;
    struct sockaddr_in address;
    unsigned char chunk[4096];
    size_t sent = 0;
    ssize_t count;
    long left = -1;
    bool is_good;
    void *decoder = allocate(format->decoder_size);
    const int fd = socket(AF_INET, SOCK_STREAM, 0);

    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)strtol(port, NULL, 10));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 ||
        connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        return 1;
    }
    for (; *words != NULL; words++) {
        if (!format->encode(*words, out)) {
            return 1;
        }
    }
    bytes = format->encoded(out, &length);
    while (sent < length &&
           (count = write(fd, bytes + sent, length - sent)) > 0) {
        sent += (size_t)count;
    }
    shutdown(fd, SHUT_WR);
    format->init(decoder);
    do {
        count = read(fd, chunk, sizeof chunk);
        if (count > 0) {
            format->push(decoder, chunk, (size_t)count);
        } else if (count == 0) {
            format->end(decoder);
        }
        is_good = take(format, decoder, &left);
    } while (count > 0 && is_good);
    format->free(decoder);
    free(decoder);
    free(bytes);
    free(out);
    close(fd);
    return is_good ? 0 : 1;
}

int main(int argc, char **argv)
{
    char *line = NULL;
    size_t capacity = 0;

    if (argc > 3 && strcmp(argv[1], "talk") == 0) {
        return talk(find_format(argv[2], strlen(argv[2])), argv[3], argv + 4);
    }
    while (getline(&line, &capacity, stdin) > 0) {
        const size_t name = strcspn(line, " ") - 1;

        answer(find_format(line + 1, name), line + name + 2);
    }
    free(line);
    return 0;
}
