// Judges messages by Go's protovalidate: validate SET.binpb < requests > answers, both JSON lines.
//
// Requests and answers are those of `treaty contract validate --batch`.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

type request struct {
	Type  string `json:"type"`
	Bytes []byte `json:"bytes"`
}

type answer struct {
	Violations       *[]json.RawMessage `json:"violations,omitempty"`
	CompilationError string             `json:"compilation_error,omitempty"`
	RuntimeError     string             `json:"runtime_error,omitempty"`
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func files(path string) *protoregistry.Files {
	var set descriptorpb.FileDescriptorSet
	if err := proto.Unmarshal(must(os.ReadFile(path)), &set); err != nil {
		panic(err)
	}
	return must(protodesc.NewFiles(&set))
}

// What panics, as the decoder does on damaged maps and a rule on a wrapper of the wrong type, fails.
func guarded(call func() error) (err error) {
	defer func() {
		if panicked := recover(); panicked != nil {
			err = fmt.Errorf("panic: %v", panicked)
		}
	}()
	return call()
}

func judge(validator protovalidate.Validator, message proto.Message, encoded []byte) answer {
	if err := guarded(func() error { return proto.Unmarshal(encoded, message) }); err != nil {
		return answer{RuntimeError: "malformed: " + err.Error()}
	}
	err := guarded(func() error { return validator.Validate(message) })
	var invalid *protovalidate.ValidationError
	var compilation *protovalidate.CompilationError
	found := []json.RawMessage{}
	switch {
	case err == nil:
	case errors.As(err, &invalid):
		for _, violation := range invalid.Violations {
			// Some messages quote what is no UTF-8, which JSON cannot hold.
			message := strings.ToValidUTF8(violation.Proto.GetMessage(), "\uFFFD")
			violation.Proto.Message = &message
			found = append(found, must(protojson.Marshal(violation.Proto)))
		}
	case errors.As(err, &compilation):
		return answer{CompilationError: err.Error()}
	default:
		return answer{RuntimeError: err.Error()}
	}
	return answer{Violations: &found}
}

func main() {
	files := files(os.Args[1])
	validator := must(protovalidate.New(protovalidate.WithExtensionTypeResolver(dynamicpb.NewTypes(files))))
	requests := json.NewDecoder(bufio.NewReader(os.Stdin))
	answers := bufio.NewWriter(os.Stdout)
	defer answers.Flush()
	encoder := json.NewEncoder(answers)
	for requests.More() {
		var request request
		if err := requests.Decode(&request); err != nil {
			panic(err)
		}
		found := must(files.FindDescriptorByName(protoreflect.FullName(request.Type)))
		message := dynamicpb.NewMessage(found.(protoreflect.MessageDescriptor))
		if err := encoder.Encode(judge(validator, message, request.Bytes)); err != nil {
			panic(err)
		}
	}
}
