/* What a program needs of a format to answer questions: see ../README.md. */

#ifndef DRIVER_H
#define DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A format: its functions, with decoders as pointers of no type. */
struct format {
    const char *name;
    size_t decoder_size;
    size_t buffer_size;
    void (*init)(void *decoder);
    void (*free)(void *decoder);
    bool (*push)(void *decoder, const void *bytes, size_t length);
    /* Prints the frame. Returns 1 if there is one, 0 if not, and -1 on error. */
    int (*next)(void *decoder);
    void (*end)(void *decoder);
    const unsigned char *(*unread)(void *decoder, size_t *length);
    void (*print_error)(void *decoder);
    /* Appends the frame of a word, or prints why it was refused. */
    bool (*encode)(const char *word, void *out);
    unsigned char *(*encoded)(void *out, size_t *length);
};

void print_bytes(const char *kind, const void *bytes, size_t length);
void print_headers(size_t count, const char *(*of)(const void *, size_t, bool),
    const void *headers, const unsigned char *body, size_t length);
unsigned char *read_bytes(const char *word, size_t *length);
size_t read_headers(char *text, const char **names, const char **values, size_t most);

#define FORMAT_START(p, P, REPORT)                                              \
    static void p##_report(void *user, const struct p##_error *error)          \
    {                                                                          \
        (void)user;                                                            \
        printf("skipped %s %llu\n", p##_code_name(error->code),                \
            (unsigned long long)error->offset);                                \
    }                                                                          \
    static void p##_any_init(void *decoder)                                    \
    {                                                                          \
        struct p##_decoder *d = (struct p##_decoder *)decoder;                 \
        p##_init(d);                                                           \
        REPORT(d, p##_report);                                                 \
    }                                                                          \
    static void p##_any_free(void *decoder)                                    \
    {                                                                          \
        p##_free((struct p##_decoder *)decoder);                               \
    }                                                                          \
    static bool p##_any_push(void *decoder, const void *bytes, size_t length)  \
    {                                                                          \
        return p##_push((struct p##_decoder *)decoder, bytes, length);         \
    }                                                                          \
    static void p##_any_end(void *decoder)                                     \
    {                                                                          \
        p##_end((struct p##_decoder *)decoder);                                \
    }                                                                          \
    static const unsigned char *p##_any_unread(void *decoder, size_t *length)  \
    {                                                                          \
        return p##_unread((struct p##_decoder *)decoder, length);              \
    }                                                                          \
    static void p##_any_print_error(void *decoder)                             \
    {                                                                          \
        const struct p##_error *error = &((struct p##_decoder *)decoder)->error; \
        printf("error %s %llu\n", p##_code_name(error->code),                  \
            (unsigned long long)error->offset);                                \
    }                                                                          \
    static bool p##_refused(bool is_good, const struct p##_error *error)       \
    {                                                                          \
        if (!is_good) {                                                        \
            printf("error %s -\n", p##_code_name(error->code));                \
        }                                                                      \
        return is_good;                                                        \
    }                                                                          \
    static unsigned char *p##_any_encoded(void *out, size_t *length)           \
    {                                                                          \
        const struct p##_buffer *buffer = (const struct p##_buffer *)out;      \
        *length = buffer->length;                                              \
        return buffer->bytes;                                                  \
    }

#define REPORTS_NOTHING(d, report) ((void)(d), (void)(report))
#define REPORTS(d, report) ((d)->on_skip = (report), (void)0)

/* Frames of bytes (field bytes) or text (field text). */
#define FORMAT(p, P, REPORT, field)                                             \
    FORMAT_START(p, P, REPORT)                                                  \
    static int p##_any_next(void *decoder)                                     \
    {                                                                          \
        struct p##_frame frame;                                                \
        const enum p##_result result =                                         \
            p##_next((struct p##_decoder *)decoder, &frame);                   \
        if (result == P##_FRAME) {                                             \
            print_bytes("frame", frame.field, frame.length);                   \
            CHECK_##field(frame);                                              \
        }                                                                      \
        return (int)result;                                                    \
    }                                                                          \
    static bool p##_any_encode(const char *word, void *out)                    \
    {                                                                          \
        size_t length;                                                         \
        struct p##_error error;                                                \
        unsigned char *given = read_bytes(word, &length);                      \
        const bool is_good = p##_encode(                                       \
            AS_##field given, length, (struct p##_buffer *)out, &error);       \
        free(given);                                                           \
        return p##_refused(is_good, &error);                                   \
    }

#define AS_bytes
#define AS_text (const char *)
#define CHECK_bytes(frame) ((void)0)
#define CHECK_text(frame)                                                      \
    do {                                                                       \
        if (frame.text[frame.length] != '\0') {                                \
            puts("error NO_NUL -");                                            \
        }                                                                      \
    } while (0)

/* Frames with headers. */
#define MOST_HEADERS 4096
#define FORMAT_HEADERS(p, P, REPORT)                                            \
    FORMAT_START(p, P, REPORT)                                                  \
    static const char *p##_header_of(const void *headers, size_t i, bool name) \
    {                                                                          \
        const struct p##_header *all = (const struct p##_header *)headers;     \
        return name ? all[i].name : all[i].value;                              \
    }                                                                          \
    static int p##_any_next(void *decoder)                                     \
    {                                                                          \
        struct p##_frame frame;                                                \
        const enum p##_result result =                                         \
            p##_next((struct p##_decoder *)decoder, &frame);                   \
        if (result == P##_FRAME) {                                             \
            print_headers(frame.header_count, p##_header_of, frame.headers,    \
                frame.body, frame.length);                                     \
        }                                                                      \
        return (int)result;                                                    \
    }                                                                          \
    static bool p##_any_encode(const char *word, void *out)                    \
    {                                                                          \
        static const char *names[MOST_HEADERS], *values[MOST_HEADERS];         \
        static struct p##_header headers[MOST_HEADERS];                        \
        const char *slash = strchr(word, '/');                                 \
        size_t text_length;                                                    \
        struct p##_frame frame;                                                \
        struct p##_error error;                                                \
        char *text = (char *)read_bytes(word, &text_length);                   \
        unsigned char *body = read_bytes(slash + 1, &frame.length);            \
        bool is_good;                                                          \
        text[text_length] = '\0';                                              \
        frame.header_count = read_headers(text, names, values, MOST_HEADERS);  \
        for (size_t i = 0; i < frame.header_count; i++) {                      \
            headers[i].name = names[i];                                        \
            headers[i].value = values[i];                                      \
        }                                                                      \
        frame.headers = headers;                                               \
        frame.body = body;                                                     \
        is_good = p##_encode(&frame, (struct p##_buffer *)out, &error);        \
        free(text);                                                            \
        free(body);                                                            \
        return p##_refused(is_good, &error);                                   \
    }

#define FORMAT_ROW(p, name)                                                    \
    {                                                                          \
        name, sizeof(struct p##_decoder), sizeof(struct p##_buffer),             \
            p##_any_init, p##_any_free, p##_any_push, p##_any_next,            \
            p##_any_end, p##_any_unread, p##_any_print_error,                  \
            p##_any_encode, p##_any_encoded                                    \
    }

#define FORMATS_END                                                            \
    {                                                                          \
        NULL, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL       \
    }

extern const struct format formats_0[];
extern const struct format formats_1[];

#endif
