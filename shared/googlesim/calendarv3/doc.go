// Package calendarv3 simulates Google Calendar's API version 3: its state and its HTTP face.
package calendarv3
