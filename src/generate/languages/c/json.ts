import { MAX_JSON_DEPTH } from "../../../defaults.ts";
import { code } from "../../code.ts";
import type { Target } from "./target.ts";

/** The functions that tell whether bytes are JSON. */
export function jsonFunctions({ p }: Target): string {
  return code`
    static const unsigned char *${p}_skip_space_(
        const unsigned char *at, const unsigned char *end)
    {
        while (at < end &&
            (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r')) {
            at++;
        }
        return at;
    }

    static const unsigned char *${p}_skip_digits_(
        const unsigned char *at, const unsigned char *end)
    {
        while (at < end && *at >= '0' && *at <= '9') {
            at++;
        }
        return at;
    }

    /* Where a string of JSON ends that begins at a quote; NULL if it is none. */
    static const unsigned char *${p}_skip_string_(
        const unsigned char *at, const unsigned char *end)
    {
        for (at++; at < end; at++) {
            if (*at == '"') {
                return at + 1;
            }
            if (*at < 0x20) {
                return NULL;
            }
            if (*at != '\\') {
                continue;
            }
            if (++at == end || *at == '\0' || strchr("\"\\/bfnrtu", *at) == NULL) {
                return NULL;
            }
            for (int i = *at == 'u' ? 4 : 0; i > 0; i--) {
                if (++at == end || *at == '\0' ||
                    strchr("0123456789abcdefABCDEF", *at) == NULL) {
                    return NULL;
                }
            }
        }
        return NULL;
    }

    /* Where a number of JSON ends; NULL if it is none. */
    static const unsigned char *${p}_skip_number_(
        const unsigned char *at, const unsigned char *end)
    {
        const unsigned char *digits;

        at += *at == '-';
        digits = at;
        at = ${p}_skip_digits_(at, end);
        if (at == digits || (*digits == '0' && at - digits > 1)) {
            return NULL;
        }
        if (at < end && *at == '.') {
            digits = ++at;
            at = ${p}_skip_digits_(at, end);
            if (at == digits) {
                return NULL;
            }
        }
        if (at < end && (*at == 'e' || *at == 'E')) {
            at++;
            at += at < end && (*at == '+' || *at == '-');
            digits = at;
            at = ${p}_skip_digits_(at, end);
            if (at == digits) {
                return NULL;
            }
        }
        return at;
    }

    /* Where a value of JSON ends that has no others in it; NULL if it is none. */
    static const unsigned char *${p}_skip_scalar_(
        const unsigned char *at, const unsigned char *end)
    {
        const size_t there = (size_t)(end - at);

        switch (*at) {
        case '"':
            return ${p}_skip_string_(at, end);
        case 't':
            return there >= 4 && memcmp(at, "true", 4) == 0 ? at + 4 : NULL;
        case 'f':
            return there >= 5 && memcmp(at, "false", 5) == 0 ? at + 5 : NULL;
        case 'n':
            return there >= 4 && memcmp(at, "null", 4) == 0 ? at + 4 : NULL;
        default:
            return ${p}_skip_number_(at, end);
        }
    }

    /* Where the value of a member begins whose name is next; NULL if it is none. */
    static const unsigned char *${p}_skip_name_(
        const unsigned char *at, const unsigned char *end)
    {
        at = ${p}_skip_space_(at, end);
        if (at == end || *at != '"') {
            return NULL;
        }
        at = ${p}_skip_string_(at, end);
        if (at == NULL) {
            return NULL;
        }
        at = ${p}_skip_space_(at, end);
        return at < end && *at == ':' ? at + 1 : NULL;
    }

    /* Whether a text is JSON (RFC 8259), at most ${MAX_JSON_DEPTH} levels deep. */
    static bool ${p}_is_json_(const unsigned char *text, size_t length)
    {
        bool is_object[${MAX_JSON_DEPTH}]; /* for each level: an object, or a list */
        size_t depth = 0;
        const unsigned char *at = text;
        const unsigned char *end = length == 0 ? text : text + length;

        for (;;) {
            /* A value begins. */
            at = ${p}_skip_space_(at, end);
            if (at == end) {
                return false;
            }
            if (*at == '{' || *at == '[') {
                if (depth == ${MAX_JSON_DEPTH}) {
                    return false;
                }
                is_object[depth] = *at == '{';
                at = ${p}_skip_space_(at + 1, end);
                if (at == end || *at != (is_object[depth] ? '}' : ']')) {
                    if (is_object[depth]) {
                        at = ${p}_skip_name_(at, end);
                    }
                    if (at == NULL) {
                        return false;
                    }
                    depth++;
                    continue;
                }
                at++;
            } else {
                at = ${p}_skip_scalar_(at, end);
                if (at == NULL) {
                    return false;
                }
            }
            /* It has ended, and perhaps what it is in. */
            for (;;) {
                at = ${p}_skip_space_(at, end);
                if (depth == 0) {
                    return at == end;
                }
                if (at == end) {
                    return false;
                }
                if (*at != (is_object[depth - 1] ? '}' : ']')) {
                    break;
                }
                depth--;
                at++;
            }
            if (*at++ != ',') {
                return false;
            }
            if (is_object[depth - 1]) {
                at = ${p}_skip_name_(at, end);
                if (at == NULL) {
                    return false;
                }
            }
        }
    }
  `;
}
