// A program that answers questions about the generated code of many formats: see the
// README beside this folder.
package main

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"reflect"
	"strconv"
	"strings"
)

// A format is what its package has; each has types of its own.
type format struct {
	decoder    func() any
	encode     any
	newReader  any
	writeFrame any
}

// A decoder is what the decoders of all formats have.
type decoder interface {
	Push([]byte)
	End()
	Unread() []byte
}

// formats has all of them by the names of their packages.
var formats = map[string]format{}

var out = bufio.NewWriter(os.Stdout)

func main() {
	if len(os.Args) > 1 {
		talk(formats[strings.ToLower(os.Args[1])], os.Args[2], os.Args[3:])
		return
	}
	in := bufio.NewReader(os.Stdin)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			break
		}
		words := strings.Fields(line)
		f, ok := formats[strings.ToLower(words[0][1:])]
		if !ok {
			panic("no format " + words[0])
		}
		answer(f, words[1], words[2:])
		fmt.Fprintln(out, "done")
		if in.Buffered() == 0 {
			out.Flush()
		}
	}
	out.Flush()
}

// talk sends frames to a server and prints all that comes back.
func talk(f format, address string, words []string) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		panic(err)
	}
	write := reflect.ValueOf(f.writeFrame)
	for _, word := range words {
		frame := readFrame(word, write.Type().In(1))
		if err := write.Call([]reflect.Value{reflect.ValueOf(conn), frame})[0]; !err.IsNil() {
			panic(err.Interface())
		}
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		panic(err)
	}
	reader := reflect.ValueOf(f.newReader).Call([]reflect.Value{reflect.ValueOf(conn)})[0]
	for {
		results := reader.MethodByName("ReadFrame").Call(nil)
		if err := results[1]; !err.IsNil() {
			if err.Interface() != io.EOF {
				panic(err.Interface())
			}
			return
		}
		fmt.Println("frame", printFrame(results[0]))
	}
}

func answer(f format, verb string, words []string) {
	switch verb {
	case "encode":
		for _, word := range words {
			f.encodeWord(word)
		}
	case "decode":
		d := f.newDecoder()
		for _, word := range words {
			d.Push(readBytes(word))
			if _, ok := take(d, -1); !ok {
				return
			}
		}
		d.End()
		take(d, -1)
	case "feed":
		d := f.newDecoder()
		for _, word := range words {
			d.Push(readBytes(word))
			if _, ok := take(d, -1); !ok {
				return
			}
			fmt.Fprintln(out, "chunk")
		}
	case "take":
		most, err := strconv.Atoi(words[0])
		if err != nil {
			panic(err)
		}
		d := f.newDecoder()
		words = words[1:]
		for most != 0 && len(words) > 0 {
			d.Push(readBytes(words[0]))
			words = words[1:]
			n, ok := take(d, most)
			if !ok {
				return
			}
			most -= n
		}
		left := d.Unread()
		for _, word := range words {
			left = append(left, readBytes(word)...)
		}
		fmt.Fprintln(out, "bytes", printBytes(left))
	default:
		panic("no verb " + verb)
	}
}

func (f format) newDecoder() decoder {
	d := f.decoder()
	if onSkip := reflect.ValueOf(d).Elem().FieldByName("OnSkip"); onSkip.IsValid() {
		onSkip.Set(reflect.MakeFunc(onSkip.Type(), func(args []reflect.Value) []reflect.Value {
			printError("skipped", args[0])
			return nil
		}))
	}
	return d.(decoder)
}

// take prints at most so many frames, all for -1; ok is false behind an error.
func take(d decoder, most int) (n int, ok bool) {
	next := reflect.ValueOf(d).MethodByName("Next")
	for n != most {
		results := next.Call(nil)
		if err := results[2]; !err.IsNil() {
			printError("error", err.Elem())
			return n, false
		}
		if !results[1].Bool() {
			break
		}
		fmt.Fprintln(out, "frame", printFrame(results[0]))
		n++
	}
	return n, true
}

func (f format) encodeWord(word string) {
	encode := reflect.ValueOf(f.encode)
	results := encode.Call([]reflect.Value{readFrame(word, encode.Type().In(0))})
	if err := results[1]; !err.IsNil() {
		printError("error", err.Elem())
		return
	}
	fmt.Fprintln(out, "bytes", printBytes(results[0].Bytes()))
}

// printError prints a *FrameError of any package.
func printError(what string, err reflect.Value) {
	code, offset := err.Elem().FieldByName("Code"), err.Elem().FieldByName("Offset")
	if offset.Int() < 0 {
		fmt.Fprintln(out, what, code, "-")
	} else {
		fmt.Fprintln(out, what, code, offset)
	}
}

func printFrame(frame reflect.Value) string {
	switch frame.Kind() {
	case reflect.String:
		return printBytes([]byte(frame.String()))
	case reflect.Slice:
		return printBytes(frame.Bytes())
	}
	// A frame with headers.
	var lines bytes.Buffer
	headers := frame.FieldByName("Headers")
	for i := 0; i < headers.Len(); i++ {
		name := headers.Index(i).FieldByName("Name")
		value := frame.MethodByName("Header").Call([]reflect.Value{name})[0]
		fmt.Fprintf(&lines, "%s: %s\n", name, value)
	}
	return printBytes(lines.Bytes()) + "/" + printBytes(frame.FieldByName("Body").Bytes())
}

func readFrame(word string, to reflect.Type) reflect.Value {
	switch to.Kind() {
	case reflect.String:
		return reflect.ValueOf(string(readBytes(word)))
	case reflect.Slice:
		return reflect.ValueOf(readBytes(word))
	case reflect.Interface:
		return reflect.ValueOf(json.RawMessage(readBytes(word)))
	}
	frame := reflect.New(to).Elem()
	lines, body, _ := strings.Cut(word, "/")
	headers := frame.FieldByName("Headers")
	text := string(readBytes(lines))
	for text != "" {
		// A name with a line end in it is one that cannot be written.
		name, rest, _ := strings.Cut(text, ": ")
		value, rest, _ := strings.Cut(rest, "\n")
		text = rest
		header := reflect.New(headers.Type().Elem()).Elem()
		header.FieldByName("Name").SetString(name)
		header.FieldByName("Value").SetString(value)
		headers.Set(reflect.Append(headers, header))
	}
	frame.FieldByName("Body").SetBytes(readBytes(body))
	return frame
}

func printBytes(p []byte) string {
	if len(p) == 0 {
		return "-"
	}
	return hex.EncodeToString(p)
}

func readBytes(word string) []byte {
	if word == "-" {
		return []byte{}
	}
	p, err := hex.DecodeString(word)
	if err != nil {
		panic(err)
	}
	return p
}
