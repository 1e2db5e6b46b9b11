// Writes and reads messages: runtime OLD.binpb NEW.binpb < requests > answers, both JSON lines.
//
// Requests and answers are those of runtime.py.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

type request struct {
	Type    string  `json:"type"`
	Writer  int     `json:"writer"`
	Bytes   string  `json:"bytes"`
	Text    *string `json:"text"`
	JSON    bool    `json:"json"`
	Lenient bool    `json:"lenient"`
}

type answer map[string]any

// One version of the schemas.
type side struct {
	files *protoregistry.Files
	types *dynamicpb.Types
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func read(path string) side {
	var set descriptorpb.FileDescriptorSet
	if err := proto.Unmarshal(must(os.ReadFile(path)), &set); err != nil {
		panic(err)
	}
	files := must(protodesc.NewFiles(&set))
	return side{files, dynamicpb.NewTypes(files)}
}

func (s side) empty(name string) proto.Message {
	found := must(s.files.FindDescriptorByName(protoreflect.FullName(name)))
	return dynamicpb.NewMessage(found.(protoreflect.MessageDescriptor))
}

// What is required is asked for when all is read, as other runtimes do.
func (s side) fromBinary(name string, bytes []byte) (proto.Message, error) {
	message := s.empty(name)
	return message, proto.UnmarshalOptions{AllowPartial: true, Resolver: s.types}.Unmarshal(bytes, message)
}

func (s side) fromJSON(name string, text []byte, lenient bool) (proto.Message, error) {
	message := s.empty(name)
	options := protojson.UnmarshalOptions{AllowPartial: true, DiscardUnknown: lenient, Resolver: s.types}
	return message, options.Unmarshal(text, message)
}

func scalar(field protoreflect.FieldDescriptor, value protoreflect.Value) any {
	switch field.Kind() {
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return message(value.Message())
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		return answer{"f": strconv.FormatFloat(value.Float(), 'g', -1, 64)}
	case protoreflect.StringKind:
		return answer{"b": hex.EncodeToString([]byte(value.String()))}
	case protoreflect.BytesKind:
		return answer{"b": hex.EncodeToString(value.Bytes())}
	case protoreflect.BoolKind:
		if value.Bool() {
			return answer{"n": "1"}
		}
		return answer{"n": "0"}
	case protoreflect.EnumKind:
		return answer{"n": fmt.Sprint(value.Enum())}
	default:
		return answer{"n": fmt.Sprint(value.Interface())}
	}
}

func node(field protoreflect.FieldDescriptor, value protoreflect.Value) any {
	if field.IsMap() {
		entries := []any{}
		value.Map().Range(func(key protoreflect.MapKey, of protoreflect.Value) bool {
			parts := []any{[]any{1, scalar(field.MapKey(), key.Value())}, []any{2, scalar(field.MapValue(), of)}}
			entries = append(entries, answer{"m": parts})
			return true
		})
		return answer{"e": entries}
	}
	if field.IsList() {
		list, values := value.List(), []any{}
		for at := range list.Len() {
			values = append(values, scalar(field, list.Get(at)))
		}
		return answer{"l": values}
	}
	return scalar(field, value)
}

func message(of protoreflect.Message) any {
	type set struct {
		number int
		node   any
	}
	fields := []set{}
	of.Range(func(field protoreflect.FieldDescriptor, value protoreflect.Value) bool {
		fields = append(fields, set{int(field.Number()), node(field, value)})
		return true
	})
	sort.Slice(fields, func(i, j int) bool { return fields[i].number < fields[j].number })
	pairs := []any{}
	for _, field := range fields {
		pairs = append(pairs, []any{field.number, field.node})
	}
	return answer{"m": pairs}
}

func judge(sides [2]side, asked request) answer {
	writer, reader := sides[asked.Writer], sides[1-asked.Writer]
	unwritable := func(err error) answer { return answer{"unwritable": err.Error()} }
	var written proto.Message
	var encoded []byte
	var err error
	if asked.Text != nil {
		encoded = []byte(*asked.Text)
		written, err = writer.fromJSON(asked.Type, encoded, false)
	} else {
		encoded = must(hex.DecodeString(asked.Bytes))
		written, err = writer.fromBinary(asked.Type, encoded)
	}
	if err != nil {
		return unwritable(err)
	}
	if asked.Text == nil && asked.JSON {
		encoded, err = protojson.MarshalOptions{AllowPartial: true, Resolver: writer.types}.Marshal(written)
	} else if !asked.JSON {
		encoded, err = proto.MarshalOptions{AllowPartial: true, Deterministic: true}.Marshal(written)
	}
	if err != nil {
		return unwritable(err)
	}
	told := answer{"written": message(written.ProtoReflect())}
	var found proto.Message
	if asked.JSON {
		found, err = reader.fromJSON(asked.Type, encoded, asked.Lenient)
	} else {
		found, err = reader.fromBinary(asked.Type, encoded)
	}
	if err != nil {
		told["error"] = err.Error()
	} else if err = proto.CheckInitialized(found); err != nil {
		told["error"] = "required: " + err.Error()
	} else {
		told["read"] = message(found.ProtoReflect())
	}
	return told
}

func main() {
	sides := [2]side{read(os.Args[1]), read(os.Args[2])}
	requests := json.NewDecoder(bufio.NewReader(os.Stdin))
	answers := bufio.NewWriter(os.Stdout)
	defer answers.Flush()
	encoder := json.NewEncoder(answers)
	for requests.More() {
		var asked request
		if err := requests.Decode(&asked); err != nil {
			panic(err)
		}
		if err := encoder.Encode(judge(sides, asked)); err != nil {
			panic(err)
		}
	}
}
