package devstack

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// reservation keeps one TCP port from the other launchers of this package until
// the program that was promised it holds it. It's a UDP socket of the same
// number: that leaves the TCP port free for the program, and the kernel drops it
// when we die, which a lock file would not be.
type reservation struct {
	port int
	udp  net.PacketConn
}

// reserve takes the port that was asked for, or any free one for 0.
func reserve(port int) (*reservation, error) {
	if port != 0 {
		return take(port)
	}
	// Two launchers are rarely handed the same port at once; a few tries are plenty.
	var last error
	for range 20 {
		r, err := take(0)
		if err == nil {
			return r, nil
		}
		last = err
	}
	return nil, last
}

func take(port int) (*reservation, error) {
	tcp, err := net.Listen("tcp4", ":"+strconv.Itoa(port)) // every interface, as DynamoDB Local will
	if err != nil {
		return nil, portError(port, err)
	}
	got := tcp.Addr().(*net.TCPAddr).Port
	udp, udpErr := net.ListenPacket("udp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(got)))
	if err := tcp.Close(); err != nil {
		return nil, fmt.Errorf("freeing port %d for the program that needs it: %w", got, err)
	}
	if udpErr != nil {
		return nil, portError(got, udpErr)
	}
	return &reservation{port: got, udp: udp}, nil
}

// release is called once the program answers, or has failed to start.
func (r *reservation) release() { _ = r.udp.Close() }

// ErrPortTaken is wrapped by the errors about a port that another program has.
var ErrPortTaken = errors.New("port in use")

type portTaken struct{ port int }

func (p portTaken) Error() string {
	return fmt.Sprintf("port %d is in use by another program; stop that one, or choose another port (0 picks a free one)", p.port)
}
func (p portTaken) Unwrap() error { return ErrPortTaken }

func portError(port int, err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return portTaken{port}
	}
	return fmt.Errorf("taking port %d: %w", port, err)
}
