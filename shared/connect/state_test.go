package connect

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"testing"
	"time"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

var flowKey = []byte("a flow key of thirty-two bytes..")

// FuzzState feeds states that somebody made up (R12 and S2): only one
// that was made here, byte for byte, and within its time is let through.
func FuzzState(f *testing.F) {
	made := time.Unix(1_790_000_000, 0)
	// Fixed, since each of the fuzzer's processes makes its own.
	mint := func(key []byte) string {
		raw := binary.BigEndian.AppendUint64(bytes.Repeat([]byte{7}, stateRandom), uint64(made.Unix()))
		return b64.EncodeToString(append(raw, derive(key, "state", string(raw))[:stateMAC]...))
	}
	good, other := mint(flowKey), mint([]byte("another key of thirty-two bytes!"))
	genuine, _ := b64.DecodeString(good)
	for _, s := range []string{good, other, good[:len(good)-1], good + "A", "", "%", base64.StdEncoding.EncodeToString(genuine)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, state string) {
		err := checkState(flowKey, state, made)
		raw, derr := b64.DecodeString(state)
		if same := derr == nil && string(raw) == string(genuine); same != (err == nil) {
			t.Errorf("state %q: %v", state, err)
		}
		if err != nil && fault.CodeOf(err) != "state_forged" && fault.CodeOf(err) != "state_expired" {
			t.Errorf("state %q: %v", state, err)
		}
	})
}

func TestAStateIsGoodForItsTimeOnly(t *testing.T) {
	t.Parallel()
	made := time.Unix(1_790_000_000, 0)
	state, err := newState(flowKey, made)
	if err != nil {
		t.Fatal(err)
	}
	for after, want := range map[time.Duration]string{
		0: "", integration.FlowFor: "", integration.FlowFor + time.Second: "state_expired",
	} {
		if got := fault.CodeOf(checkState(flowKey, state, made.Add(after))); got != want {
			t.Errorf("%s later: %q, want %q", after, got, want)
		}
	}
}
