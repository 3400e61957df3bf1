package workbook

import (
	"errors"
	"fmt"

	"github.com/xuri/excelize/v2"
)

const (
	chartColumn = "I"
	chartWidth  = 525
	chartDays   = 30
	chartBars   = 12
)

// charts puts the picture of the classes, and that of the last days, to the right
// of the blocks.
func (s *summary) charts(name string) error {
	row := chartRow
	var problems []error
	if s.classes.last >= s.classes.first {
		problems = append(problems, s.classChart(name, fmt.Sprintf("%s%d", chartColumn, row)))
		row += chartRows
	}
	if len(s.r.Trend) > 1 {
		problems = append(problems, s.trendChart(name, fmt.Sprintf("%s%d", chartColumn, row)))
	}
	return named("charts", errors.Join(problems...))
}

// pictures is how many charts there are.
func (s *summary) pictures() int {
	n := 0
	if s.classes.last >= s.classes.first {
		n++
	}
	if len(s.r.Trend) > 1 {
		n++
	}
	return n
}

// axis is an axis that can be read: dark small letters. The library's own are
// light grey.
func axis() excelize.ChartAxis {
	return excelize.ChartAxis{Font: excelize.Font{Color: greyText, Size: 8}}
}

// fromZero is a value axis without a trick: it begins at 0 and counts in whole
// numbers.
func fromZero() excelize.ChartAxis {
	zero := 0.0
	a := axis()
	a.Minimum, a.MajorGridLines, a.NumFmt = &zero, true, excelize.ChartNumFmt{CustomNumFmt: "#,##0"}
	return a
}

func (b *book) chartTitle(key string) excelize.ChartTitle {
	return excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{
		Text: b.t.say(key), Font: &excelize.Font{Bold: true, Size: 11, Color: navy, Family: fontOf(b.r.Run.Language)},
	}}}
}

// frame is where a chart stands and what a screen reader says about it.
func (b *book) frame(key string) excelize.GraphicOptions {
	printed := true
	return excelize.GraphicOptions{AltText: b.t.say(key), PrintObject: &printed, Positioning: "oneCell"}
}

func one(color string) excelize.Fill {
	return excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{color}}
}

// classChart shows how many items each class has, the largest on top.
func (s *summary) classChart(name, cell string) error {
	vary, gap := false, uint(40)
	last := min(s.classes.last, s.classes.first+chartBars-1)
	categories := axis()
	categories.ReverseOrder = true
	return named("classes", s.f.AddChart(name, cell, &excelize.Chart{
		Type: excelize.Bar, VaryColors: &vary, GapWidth: &gap, Title: s.chartTitle("chart.class"), Format: s.frame("chart.class.alt"),
		Series: []excelize.ChartSeries{{
			Name:       fmt.Sprintf("%s!$B$%d", quoted(name), s.classes.first-1),
			Categories: fmt.Sprintf("%s!$A$%d:$A$%d", quoted(name), s.classes.first, last),
			Values:     fmt.Sprintf("%s!$B$%d:$B$%d", quoted(name), s.classes.first, last),
			Fill:       one("2F5597"), DataLabel: excelize.ChartDataLabel{Font: excelize.Font{Color: greyText, Size: 8}},
		}},
		Legend: excelize.ChartLegend{Position: "none"}, XAxis: categories, YAxis: fromZero(),
		PlotArea: excelize.ChartPlotArea{ShowVal: true}, Dimension: excelize.ChartDimension{Width: chartWidth, Height: 280},
	}))
}

// trendChart shows what came and went on each of the last days, and how much
// stays open.
func (s *summary) trendChart(name, cell string) error {
	vary, gap := false, uint(60)
	days, sheet := len(s.trend()), quoted(s.t.say("sheet.trend"))
	first, last := headerRow+1+max(0, days-chartDays), headerRow+days
	series := func(column, color string) excelize.ChartSeries {
		return excelize.ChartSeries{
			Name:       fmt.Sprintf("%s!$%s$%d", sheet, column, headerRow),
			Categories: fmt.Sprintf("%s!$A$%d:$A$%d", sheet, first, last),
			Values:     fmt.Sprintf("%s!$%s$%d:$%s$%d", sheet, column, first, column, last),
			Fill:       one(color),
		}
	}
	dates := axis()
	dates.NumFmt = excelize.ChartNumFmt{CustomNumFmt: "dd.mm"}
	if s.r.Run.Language != Russian {
		dates.NumFmt.CustomNumFmt = "mm-dd"
	}
	dates.TickLabelSkip = max(1, (last-first+1)/8)
	line := series("B", warnText)
	line.Line = excelize.LineOptions{Width: 2, Fill: one(warnText)}
	line.Marker = excelize.ChartMarker{Symbol: "none"}
	second := fromZero()
	second.Secondary, second.MajorGridLines = true, false
	return named("trend", s.f.AddChart(name, cell, &excelize.Chart{
		Type: excelize.Col, VaryColors: &vary, GapWidth: &gap, Title: s.chartTitle("chart.trend"), Format: s.frame("chart.trend.alt"),
		Series: []excelize.ChartSeries{series("C", "2F5597"), series("D", "70AD47")},
		Legend: excelize.ChartLegend{Position: "bottom", Font: &excelize.Font{Color: greyText, Size: 8}},
		XAxis:  dates, YAxis: fromZero(), Dimension: excelize.ChartDimension{Width: chartWidth, Height: 280},
	}, &excelize.Chart{Type: excelize.Line, Series: []excelize.ChartSeries{line}, YAxis: second, XAxis: dates}))
}
